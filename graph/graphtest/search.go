package graphtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var searchTests = []test{
	{"customers are found by the start of a word of name, e-mail or phone", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		c.Name, c.Email, c.Phone = "Zoë Müller-Lüdenscheidt 100%", "z.mueller@Example.org", "+49 (221) 555-0199"
		s.must(Change("cmd_1", c), Change("cmd_2", Customer(2)))
		for text, found := range map[string]bool{
			"zo": true, "ZOË": true, "müll": true, "lüden": true, "Müller-Lü": true, "zoë mü": true, "mueller@ex": true, "org": true,
			"221": true, "(221) 5": true, "0199": true, "100": true,
			"oë": false, "denscheidt": false, "xample": false, "müller zoë": true, "555 org zo z": true, "müller nobody": false, "%": true, "": true, "_": true, "zo_": true, "z%r": false, "nobody": false,
		} {
			page, _, err := s.Customers(s.ctx, everythingScope, text, graph.Page{Limit: 10})
			require.NoError(t, err)
			require.Equal(t, found, slices.Contains(idsOf(page), string(c.ID)), "%q", text)
		}
	}},

	{"a customer whom few resemble is found among many", func(t *testing.T, o Options) {
		s := open(t, o)
		var changes []graph.Change
		for n := range 200 {
			c := Customer(n)
			c.Name = "Ann Smith"
			if n >= 150 && n < 154 {
				c.Name = "Zoë Ann Rårdin" + itoa(n)
			}
			changes = append(changes, Change("cmd_"+itoa(n), c))
		}
		s.must(changes...)
		find := func(text, after string, limit int) []string {
			page, _, err := s.Customers(s.ctx, everythingScope, text, graph.Page{After: after, Limit: limit})
			require.NoError(t, err)
			return idsOf(page)
		}
		require.Equal(t, []string{"cus_00000150", "cus_00000151"}, find("rår", "", 2))
		require.Equal(t, []string{"cus_00000152", "cus_00000153"}, find("rår", "cus_00000151", 3))
		require.Equal(t, []string{"cus_00000152"}, find("ann RÅRDIN152", "", 1))
		require.Equal(t, []string{"cus_00000000"}, find("ann", "", 1))
		require.Empty(t, find("nobody", "", 1))
		require.Empty(t, find("zoë smith", "", 1))

		changed := with(Customer(151), func(c *muster.Customer) { c.Rev, c.Name = 2, "Bo Lund" })
		gone := with(Customer(152), func(c *muster.Customer) { c.Rev, c.Name, c.Removed = 2, "Zoë Ann Rårdin152", true })
		s.must(Change("cmd_changed", changed), Change("cmd_gone", gone))
		require.Equal(t, []string{"cus_00000150", "cus_00000153"}, find("rår", "", 3))
		require.Equal(t, []string{"cus_00000151"}, find("bo lu", "", 1))
	}},

	{"customers of any script are found among many", func(t *testing.T, o Options) {
		s := open(t, o)
		var customers []*muster.Customer
		for n := range 60 {
			customers = append(customers, Customer(n))
		}
		names := []string{
			"Åsa", "İpek", "ΟΔΥΣΣΕΥΣ", "Straße", "cafe\u0301", "冷蔵庫", "الثلاجة", "ไทย", "٣٤٥", "ﬃ", "𝔘nicode", "and", "or", "not", "near", "to",
			strings.Repeat("lång", 100), strings.Repeat("lang", 100),
		}
		for n, name := range names {
			c := with(Customer(60+n), func(c *muster.Customer) { c.Name, c.Email, c.Phone = name, "", "" })
			customers = append(customers, c)
		}
		var changes []graph.Change
		for _, c := range customers {
			changes = append(changes, Change("cmd_"+string(c.ID), c))
		}
		s.must(changes...)
		for n, name := range names {
			letters := []rune(name)
			for _, text := range []string{name, strings.ToUpper(string(letters[:1])) + string(letters[1:len(letters)-len(letters)/3])} {
				var found []string
				for after, more := "", true; more; more = after != "" {
					page, next, err := s.Customers(s.ctx, everythingScope, text, graph.Page{After: after, Limit: 2})
					require.NoError(t, err, "%q", text)
					found, after = append(found, idsOf(page)...), next
				}
				require.Contains(t, found, id(muster.KindCustomer, 60+n), "%q", text)
				require.Equal(t, among(customers, text), found, "%q", text)
			}
		}
	}},
}

// among lists the ids of the customers that a text finds, in the order given.
func among(customers []*muster.Customer, text string) (ids []string) {
	for _, c := range customers {
		if graph.Found(graph.Search(text), graph.Words(c.Name, c.Email, c.Phone)) {
			ids = append(ids, string(c.ID))
		}
	}
	return ids
}

// Named is one of many customers to search among: 50 names, 2,000 surnames, an address and a number each.
func Named(i int) *muster.Customer {
	c := Customer(i)
	c.ID = muster.CustomerID(muster.NewID(muster.KindCustomer, "bench", i))
	c.Name = fmt.Sprintf("First%c%c Last%d", 'a'+i%10, 'a'+i/10%5, i/50%2_000)
	c.Email, c.Phone = fmt.Sprintf("c%d@example.org", i), fmt.Sprintf("+1 303 %03d %04d", i%1000, i/10%10_000)
	return c
}

// Searches are texts that one, few, many, all or none of them have.
var Searches = []string{"last1234", "last12", "firstab last77", "c98765", "example", "l", "nobody"}
