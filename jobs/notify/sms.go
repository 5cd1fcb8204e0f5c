package notify

import "strings"

// The signs that an SMS of 160 can have, from 3GPP TS 23.038, 6.2.1; those of the second table count twice. Any other sign
// makes the whole text one of 70.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "^{}\\[~]|€"
)

// plainer are signs that read as well without their accent, where that saves a text of 70.
var plainer = strings.NewReplacer(
	"á", "a", "í", "i", "ó", "o", "ú", "u", "Á", "A", "Í", "I", "Ó", "O", "Ú", "U",
	"“", `"`, "”", `"`, "‘", "'", "’", "'", "–", "-", "—", "-", "…", "...", "\u00a0", " ",
)

// plainSMS gives a text without the signs that make an SMS one of 70, if that is enough to do so.
func plainSMS(s string) string {
	if _, ok := septets(s); ok {
		return s
	}
	if p := plainer.Replace(s); gsm(p) {
		return p
	}
	return s
}

func gsm(s string) bool {
	_, ok := septets(s)
	return ok
}

// septets counts a text in the units of an SMS of 160; ok is false if it can't be one.
func septets(s string) (n int, ok bool) {
	for _, r := range s {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			n++
		case strings.ContainsRune(gsmTwice, r):
			n += 2
		default:
			return 0, false
		}
	}
	return n, true
}

// segments is how many SMS a text takes: 160 units, or 153 of each where there are several; 70 and 67 of UTF-16 where it
// has other signs.
func segments(s string) int {
	n, ok := septets(s)
	one, each := 160, 153
	if !ok {
		n, one, each = 0, 70, 67
		for _, r := range s {
			n++
			if r > 0xffff {
				n++
			}
		}
	}
	if n <= one {
		return 1
	}
	return (n + each - 1) / each
}
