package servertest

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// Neo4jVersion is what scripts/install-servers brings.
const Neo4jVersion = "5.26.30"

const (
	neo4jUser     = "neo4j"
	neo4jPassword = "muster-loopback"
)

//go:embed neo4j.conf
var neo4jConf string

// How the Java machine is tuned: to be fast after a minute, and to be there soon. Tests live for seconds, in which the
// optimising compiler costs more than it gains: without it the contract suite takes less than half the CPU.
var (
	lasting = []string{"-Xms512m", "-Xmx1g", "-XX:+UseG1GC"}
	brief   = []string{"-Xms256m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
)

// StartNeo4j runs a Neo4j Community server with its data in dir, or in a temporary folder if dir is "", and waits until
// it answers (about 5 s). URL is neo4j://user:password@127.0.0.1:port.
func StartNeo4j(dir string) (*Server, error) { return startNeo4j(dir, lasting) }

// StartBriefNeo4j is StartNeo4j for a server that lives for seconds, or is killed again and again.
func StartBriefNeo4j(dir string) (*Server, error) { return startNeo4j(dir, brief) }

func startNeo4j(dir string, tuning []string) (*Server, error) {
	lib, err := neo4jLib()
	if err != nil {
		return nil, err
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, fmt.Errorf("no java for Neo4j: %w; %s", err, remedy)
	}
	s, err := newServer("neo4j", dir, 90*time.Second)
	if err != nil {
		return nil, err
	}
	for _, d := range []string{"conf", "data", "logs", "plugins", "import", "run", "licenses", "lib"} {
		if err := os.MkdirAll(filepath.Join(s.home, d), 0o700); err != nil {
			return nil, err
		}
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	conf := strings.ReplaceAll(neo4jConf, "PORT", strconv.Itoa(port))
	if err := os.WriteFile(filepath.Join(s.home, "conf", "neo4j.conf"), []byte(conf), 0o600); err != nil {
		return nil, err
	}
	args := slices.Clone(tuning)
	for _, p := range []string{"java.nio", "java.io", "sun.nio.ch", "java.lang", "java.util.concurrent"} {
		args = append(args, "--add-opens=java.base/"+p+"=ALL-UNNAMED")
	}
	args = append(args, "-cp", filepath.Join(lib, "*"), "org.neo4j.server.CommunityEntryPoint",
		"--home-dir="+s.home, "--config-dir="+filepath.Join(s.home, "conf"), "--console-mode")
	s.command = func() *exec.Cmd { return exec.Command(java, args...) }
	s.ready = func(*Server) error { return neo4jReady(s.home, port) }
	s.URL = fmt.Sprintf("neo4j://%s:%s@127.0.0.1:%d", neo4jUser, neo4jPassword, port)
	if err := s.start(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// neo4jLib is where scripts/install-servers puts the server.
func neo4jLib() (string, error) {
	cache := os.Getenv("MUSTER_SERVERS")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		cache = filepath.Join(home, ".cache", "muster")
	}
	lib := filepath.Join(cache, "neo4j-"+Neo4jVersion, "lib")
	if _, err := os.Stat(lib); err != nil {
		return "", fmt.Errorf("no Neo4j in %s; %s", lib, remedy)
	}
	return lib, nil
}

// neo4jReady tells whether the server answers with our password; a new one is given it first.
func neo4jReady(home string, port int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	url := fmt.Sprintf("bolt://127.0.0.1:%d", port)
	given := filepath.Join(home, "password-given")
	if _, err := os.Stat(given); err != nil {
		change := "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new"
		err := run(ctx, url, "neo4j", "system", change, map[string]any{"new": neo4jPassword})
		if err != nil && run(ctx, url, neo4jPassword, "neo4j", "RETURN 1", nil) != nil { // else a try whose answer was lost has done it
			return err
		}
		if err := os.WriteFile(given, nil, 0o600); err != nil {
			return err
		}
	}
	return run(ctx, url, neo4jPassword, "neo4j", "RETURN 1", nil)
}

// run executes one statement on a connection of its own.
func run(ctx context.Context, url, password, database, statement string, params map[string]any) error {
	d, err := neo4j.NewDriverWithContext(url, neo4j.BasicAuth(neo4jUser, password, ""))
	if err != nil {
		return err
	}
	defer d.Close(ctx)
	session := d.NewSession(ctx, neo4j.SessionConfig{DatabaseName: database})
	defer session.Close(ctx)
	result, err := session.Run(ctx, statement, params)
	if err != nil {
		return err
	}
	_, err = result.Consume(ctx)
	return err
}

// WipeNeo4j deletes all nodes and relationships of a server; constraints and indexes stay.
func (s *Server) WipeNeo4j(ctx context.Context) error {
	return s.alter(ctx, "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS", nil)
}

func (s *Server) alter(ctx context.Context, text string, parameters map[string]any) error {
	return run(ctx, strings.Replace(s.URL, neo4jUser+":"+neo4jPassword+"@", "", 1), neo4jPassword, "neo4j", text, parameters)
}
