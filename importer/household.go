package importer

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/sysopssquad/muster"
)

// household is who a record belongs to: a customer with one address, invented from the id of the first of
// its records.
type household struct {
	customer *muster.Customer
	site     muster.Site
	size     int // records so far
}

// Records that follow each other share a household now and then, as people bring more than one thing; which
// of them begins a new one is decided by its id alone, so that every run cuts alike.
const (
	newHouseholdPercent = 45
	maxHousehold        = 6
)

// digest gives four independent hashes of a text.
func digest(parts ...string) (out [4]uint64) {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	sum := h.Sum(nil)
	for i := range out {
		out[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return out
}

// newHousehold invents a customer and an address.
func newHousehold(source, id string, zips zipCodes) (household, error) {
	h := digest("household", source, id)
	zip, place, err := zips.at(h[0])
	if err != nil {
		return household{}, err
	}
	cmd := muster.CommandID("import/" + source + "/household/" + id)
	customer := muster.CustomerID(muster.NewID(muster.KindCustomer, cmd, 0))
	name := pick(firstNames, h[1]) + " " + pick(lastNames, h[1]>>32)
	return household{
		customer: &muster.Customer{ID: customer, Name: name, Language: "en"},
		site: muster.Site{
			ID: muster.SiteID(muster.NewID(muster.KindSite, cmd, 0)), Customer: customer, Name: "Home",
			Street: fmt.Sprintf("%d %s %s", 1+h[2]%1998, pick(streets, h[2]>>16), pick(streetKinds, h[2]>>48)),
			City:   zip.city, State: zip.state, ZIP: zip.zip, Place: place,
		},
	}, nil
}

func pick(list []string, h uint64) string { return list[h%uint64(len(list))] }

// Names of our own choosing; nobody in particular is meant.
var (
	firstNames = []string{
		"Abena", "Aiko", "Alma", "Amir", "Anders", "Anika", "Arturo", "Ayse", "Bashir", "Beatriz", "Bjorn", "Bronwen",
		"Camila", "Chidi", "Dalia", "Dmitri", "Eamon", "Elena", "Emeka", "Esme", "Fatima", "Felix", "Freya", "Gabriel",
		"Greta", "Hana", "Hassan", "Hector", "Ines", "Ingrid", "Isaac", "Ivana", "Jamal", "Joaquin", "Jolene", "Kamala",
		"Keanu", "Kofi", "Lakshmi", "Leif", "Lucia", "Magnus", "Malia", "Marcus", "Mei", "Mirela", "Nadia", "Nikhil",
		"Noor", "Odette", "Olga", "Omar", "Paloma", "Pavel", "Priya", "Quentin", "Rosa", "Ruben", "Sanjay", "Selma",
		"Sienna", "Tadeo", "Tamar", "Thandi", "Ursula", "Vera", "Viktor", "Wanda", "Xiomara", "Yara", "Yusuf", "Zofia",
	}
	lastNames = []string{
		"Abara", "Almeida", "Andersson", "Aoki", "Bakker", "Bianchi", "Brennan", "Castillo", "Chaudhry", "Chen", "Dalgaard",
		"Delacroix", "Demir", "Dubois", "Eklund", "Ellison", "Farouk", "Ferreira", "Fontaine", "Garza", "Gunawan", "Haddad",
		"Hale", "Holloway", "Ibarra", "Ishida", "Jansen", "Jovanovic", "Kaplan", "Kaya", "Kim", "Kowalski", "Larsen",
		"Lindqvist", "Lopez", "MacLeod", "Mbeki", "Mensah", "Moreau", "Nakamura", "Nguyen", "Novak", "Obi", "Okafor",
		"Olsen", "Pacheco", "Pereira", "Petrov", "Quispe", "Rahman", "Reyes", "Rossi", "Sandoval", "Santos", "Schreiber",
		"Sharma", "Silva", "Sorensen", "Tanaka", "Tran", "Ueda", "Vargas", "Virtanen", "Walker", "Weiss", "Whitaker",
		"Xu", "Yilmaz", "Young", "Zamora", "Zhang", "Ziegler",
	}
	streets = []string{
		"Alder", "Birch", "Canal", "Cedar", "Cherry", "Church", "College", "Cottonwood", "Depot", "Elm", "Franklin", "Garden",
		"Harbor", "Hawthorn", "Hickory", "Hill", "Jefferson", "Juniper", "Lake", "Laurel", "Linden", "Madison", "Magnolia",
		"Main", "Maple", "Market", "Meadow", "Mill", "Oak", "Orchard", "Park", "Pine", "Prairie", "River", "Spring", "Spruce",
		"Station", "Sunset", "Sycamore", "Union", "Valley", "Walnut", "Willow", "Wilson",
	}
	streetKinds = []string{"Street", "Avenue", "Road", "Lane", "Drive", "Court"}
)
