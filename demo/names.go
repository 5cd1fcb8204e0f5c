package demo

import "math/rand/v2"

// names draws full names, no two alike while there are enough.
type names struct{ used map[string]bool }

func newNames() *names { return &names{used: make(map[string]bool)} }

func (n *names) next(r *rand.Rand) string {
	for try := 0; ; try++ {
		name := pick(r, given) + " " + pick(r, family)
		if !n.used[name] || try > 50 {
			n.used[name] = true
			return name
		}
	}
}

// Names of our own choosing; nobody in particular is meant.
var (
	given = []string{
		"Aaliyah", "Adaeze", "Ahmad", "Aidan", "Akira", "Alejandra", "Alice", "Amara", "Amelie", "Ananya", "Andre", "Anneke", "Antonio",
		"Aria", "Arjun", "Asha", "Astrid", "Ayanna", "Baran", "Basil", "Benedict", "Bettina", "Birgit", "Bo", "Boris", "Brianna",
		"Caleb", "Carmen", "Cedric", "Chen", "Chiara", "Chloe", "Clara", "Conor", "Cyrus", "Damaris", "Daniela", "Darius", "Davina",
		"Deepak", "Delphine", "Desmond", "Diego", "Dong", "Dorothea", "Ebony", "Edgar", "Efua", "Eleni", "Elias", "Emilia", "Enzo",
		"Erika", "Esteban", "Eun", "Evander", "Farah", "Fergus", "Fiona", "Flora", "Francois", "Gaia", "Georgios", "Gina", "Grace",
		"Gunnar", "Habib", "Halima", "Harper", "Hedda", "Hiro", "Ibrahim", "Ida", "Ilya", "Imani", "Imre", "Iris", "Ivo", "Jana",
		"Jasper", "Javier", "Jia", "Joanna", "Jonas", "Josefa", "Juma", "Kadir", "Kaito", "Karima", "Katrin", "Kenji", "Kwame",
		"Laila", "Lars", "Leilani", "Leon", "Liam", "Lina", "Lorenzo", "Lulu", "Maeve", "Manuel", "Marisol", "Mateo", "Matilda",
		"Mehmet", "Mikael", "Mina", "Mona", "Moses", "Naomi", "Nash", "Niamh", "Nikolai", "Nina", "Nkechi", "Oisin", "Oleg",
		"Orla", "Otis", "Padma", "Paul", "Petra", "Philippa", "Pilar", "Rafael", "Rania", "Ravi", "Renata", "Rhys", "Rohan", "Roza",
		"Sabine", "Salma", "Samuel", "Sanna", "Sara", "Seth", "Shanice", "Silvio", "Simone", "Sofia", "Soren", "Stella", "Sunita",
		"Tariq", "Tatiana", "Tess", "Theo", "Tomas", "Uma", "Valentina", "Vera", "Vikram", "Wei", "Willa", "Winston", "Ximena",
		"Yasmin", "Yuki", "Yvette", "Zainab", "Zeke", "Zora",
	}
	family = []string{
		"Abbott", "Acosta", "Adeyemi", "Aguilar", "Akhtar", "Alvarez", "Amadi", "Anand", "Arslan", "Asante", "Avila", "Bajwa",
		"Baptiste", "Barros", "Baumann", "Becker", "Begum", "Benitez", "Berg", "Bhatt", "Blanchard", "Bose", "Boucher", "Brandt",
		"Braun", "Byrne", "Cabrera", "Callahan", "Cardoso", "Carver", "Cheung", "Cho", "Christensen", "Coleman", "Conti", "Cruz",
		"Dang", "Das", "Diallo", "Dietrich", "Dominguez", "Doyle", "Drummond", "Duarte", "Duong", "Eriksen", "Espinoza", "Esposito",
		"Fischer", "Flores", "Foster", "Franco", "Gallagher", "Gao", "Gebre", "Gill", "Greco", "Guerrero", "Gupta", "Hansen",
		"Hartmann", "Hassan", "Hoang", "Horvath", "Huang", "Ibrahim", "Iqbal", "Ito", "Ivanov", "Jackson", "Jain", "Jimenez",
		"Johansson", "Kamau", "Kaur", "Keller", "Kennedy", "Khalil", "Kimura", "Klein", "Kovacs", "Kumar", "Lambert", "Leblanc",
		"Lim", "Lombardi", "Maddox", "Malik", "Marino", "Matsuda", "Mazur", "McBride", "Medina", "Mehta", "Meyer", "Mitchell",
		"Molina", "Morales", "Mueller", "Mukherjee", "Mwangi", "Nair", "Navarro", "Ndiaye", "Nielsen", "Nilsson", "Nolan", "Odum",
		"Ogawa", "Okoye", "Oliveira", "Ortega", "Osei", "Otieno", "Palmer", "Papadakis", "Park", "Patel", "Pena", "Pham",
		"Popescu", "Prasad", "Quinn", "Ramirez", "Rasmussen", "Ricci", "Rios", "Rivera", "Romero", "Roth", "Russo", "Saito",
		"Salazar", "Sato", "Schwarz", "Serrano", "Shah", "Shapiro", "Sheikh", "Sinclair", "Singh", "Sokolov", "Song", "Soto",
		"Stein", "Suarez", "Suzuki", "Svensson", "Szabo", "Takeda", "Tesfaye", "Thapa", "Torres", "Tsai", "Turner", "Usman",
		"Valdez", "Vasquez", "Vega", "Verma", "Vogel", "Wagner", "Wallace", "Wang", "Watanabe", "Wolf", "Wong", "Yamada", "Yang",
		"Yoon", "Zapata", "Zeller", "Zhou", "Zimmer",
	}
	roads = []string{
		"Acorn", "Ash", "Aspen", "Bay", "Beech", "Bluff", "Bridge", "Brook", "Chestnut", "Clay", "Clover", "Cypress", "Dogwood",
		"Fern", "Fir", "Grove", "Hazel", "Heron", "Holly", "Iris", "Ivy", "Jasmine", "Lark", "Lilac", "Locust", "Mesa", "Mulberry",
		"Myrtle", "Olive", "Pearl", "Pecan", "Peach", "Poplar", "Quail", "Ridge", "Robin", "Sage", "School", "Stone", "Summit",
		"Sumac", "Thistle", "Vine", "Water", "Winter", "Wren",
	}
	roadKinds = []string{"St", "Ave", "Rd", "Ln", "Dr", "Ct", "Way"}
)
