import './words/page'
import './who/muster-people'
