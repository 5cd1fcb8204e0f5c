import './who/muster-people'
