import './words/page'
import './board/muster-board'
