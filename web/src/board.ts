import './board/muster-board'
