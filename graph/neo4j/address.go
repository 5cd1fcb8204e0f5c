package neo4j

import (
	"net/url"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
)

// address is a server's URL taken apart.
type address struct {
	target   string // for the driver: without user and path
	auth     neo4j.AuthToken
	database string // "" is the user's home
	shown    string // for messages
}

// parse takes a URL apart. Its errors never show the password.
func parse(text string) (address, error) {
	hint := "give bolt://user:password@host:7687 or neo4j://user:password@host:7687; other signs than letters and digits in the password need %-encoding"
	u, err := url.Parse(text)
	if err != nil {
		return address{}, muster.Invalid("graph", hidden(text), hint)
	}
	switch u.Scheme {
	case "bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc":
	default:
		return address{}, muster.Invalid("graph", hidden(text), hint)
	}
	if u.Hostname() == "" {
		return address{}, muster.Invalid("graph", hidden(text), hint)
	}
	a := address{auth: neo4j.NoAuth(), database: strings.Trim(u.Path, "/")}
	if u.User != nil {
		password, _ := u.User.Password()
		a.auth = neo4j.BasicAuth(u.User.Username(), password, "")
	}
	a.target = (&url.URL{Scheme: u.Scheme, Host: u.Host, RawQuery: u.RawQuery}).String()
	a.shown = u.Scheme + "://" + u.Host
	return a, nil
}

// hidden is a URL that can't be taken apart, without what may be a password.
func hidden(text string) string {
	if at := strings.LastIndex(text, "@"); at >= 0 {
		scheme, _, ok := strings.Cut(text, "://")
		if !ok {
			scheme = "?"
		}
		return scheme + "://...@" + text[at+1:]
	}
	return text
}
