// Package neo4j keeps the graph in Neo4j 5.26 or later of the 5 series. Every record is a node with two labels, Entity
// and its kind's, every Cypher statement a file of the folder cypher, and what labels, types and properties there are
// follows from graph.Schema. Properties that begin with an underscore are the store's own.
package neo4j

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/notifications"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Store is a graph.Store on a Neo4j database. It is safe for concurrent use.
type Store struct {
	driver   neo4j.DriverWithContext
	database string
	where    string // the server, for messages: never with user or password
	clock    muster.Clock
	silence  time.Duration
	schema   graph.Versioned
	probed   atomic.Bool // it is a server that we can use
}

var _ graph.Store = (*Store)(nil)

// Time limits. The server's own (db.lock.acquisition.timeout, db.transaction.timeout) should be set as well: they hold
// when a client is gone.
const (
	patience = 60 * time.Second // of one call whose context has no deadline
	silence  = 10 * time.Second // of one message without an answer, after which its connection is given up: a link that is half open says nothing
	connect  = 5 * time.Second  // to open a connection
	idle     = 5 * time.Second  // after which a connection is tried before it is used
)

// Open connects to a server: bolt://user:password@host:7687, neo4j:// for routing, either with +s or +ssc for
// TLS; a path names another database than the user's home. The clock is what Now tells. A new database has no schema
// until Migrate. A server that can't be reached or refuses the password is CodeUnavailable, an older Neo4j
// CodeUnsuitable, a database of a newer Muster CodeNewerSchema.
func Open(ctx context.Context, url string, clock muster.Clock) (*Store, error) {
	s, err := OpenLater(url, clock)
	if err != nil {
		return nil, err
	}
	if err := s.probe(ctx); err != nil {
		s.driver.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return s, nil
}

// OpenLater is Open for a server that may be away: whether it is what we need is seen when it is first used.
func OpenLater(url string, clock muster.Clock) (*Store, error) {
	at, err := parse(url)
	if err != nil {
		return nil, err
	}
	driver, err := neo4j.NewDriverWithContext(at.target, at.auth, func(c *config.Config) {
		c.SocketConnectTimeout = connect
		c.ConnectionLivenessCheckTimeout = idle
		c.ConnectionAcquisitionTimeout = patience
		c.FetchSize = neo4j.FetchAll
		c.NotificationsMinSeverity = notifications.DisabledLevel
		c.TelemetryDisabled = true
		c.UserAgent = "muster"
	})
	if err != nil {
		return nil, muster.Invalid("graph", at.shown, "give bolt://user:password@host:7687 or neo4j://user:password@host:7687")
	}
	return &Store{driver: driver, database: at.database, where: at.shown, clock: clock, silence: silence}, nil
}

// probe finds out at once whether the server answers, is new enough, and holds a graph that this binary may write.
func (s *Store) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 4*connect)
	defer cancel()
	// A server that is starting may take a connection and never answer on it.
	if _, err := heard(ctx, connect, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.driver.VerifyConnectivity(ctx) }); err != nil {
		return s.failure(ctx, err)
	}
	info, err := s.driver.GetServerInfo(ctx)
	if err != nil {
		return s.failure(ctx, err)
	}
	if !supported(info.Agent()) {
		return muster.E(muster.CodeUnsuitable, s.where+" is "+info.Agent(), "use Neo4j 5.26 or later")
	}
	found, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if found > graph.SchemaVersion {
		return graph.CheckVersion("the graph at "+s.where, found)
	}
	s.probed.Store(true)
	return nil
}

// supported tells whether a server's agent, such as Neo4j/5.26.30, is at least 5.26.
func supported(agent string) bool {
	var major, minor int
	if _, err := fmt.Sscanf(agent, "Neo4j/%d.%d", &major, &minor); err != nil {
		return true // another server that speaks Bolt: its statements will tell
	}
	return major > 5 || major == 5 && minor >= 26
}

// Close ends all connections.
func (s *Store) Close(ctx context.Context) error { return s.driver.Close(ctx) }

// usable refuses to work on a store without a schema, or with another than this binary's.
func (s *Store) usable(ctx context.Context) error {
	now := s.clock.Now()
	if s.schema.Fresh(now) {
		return nil
	}
	if !s.probed.Load() {
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
	v, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if err := graph.CheckVersion("the graph at "+s.where, v); err != nil {
		return err
	}
	s.schema.See(now)
	return nil
}

// tag is a value that a node's lock property doesn't have: writing it takes the lock. It stays below 2^34, which Neo4j
// keeps in half the space of a larger number.
func (s *Store) tag() int64 { return rand.Int64N(1 << 34) }
