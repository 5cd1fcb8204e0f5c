// Servers runs a Neo4j and a Redis on this machine until Ctrl+C, and prints the variables that tell Muster where they
// are:
//
//	go run ./servertest/cmd/servers             # with data that goes with them
//	go run ./servertest/cmd/servers -data DIR   # with data that stays
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/sysopssquad/muster/servertest"
)

func main() {
	data := flag.String("data", "", "folder to keep the servers' data in; without it the data is removed at the end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *data)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "servers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data string) (err error) {
	for _, s := range []struct {
		variable, dir string
		start         func(string) (*servertest.Server, error)
	}{
		{"MUSTER_GRAPH", "neo4j", servertest.StartNeo4j},
		{"MUSTER_REDIS", "redis", servertest.StartRedis},
	} {
		dir := ""
		if data != "" {
			dir = filepath.Join(data, s.dir)
		}
		server, startErr := s.start(dir)
		if startErr != nil {
			return startErr
		}
		defer func() {
			if stopErr := server.Stop(); err == nil {
				err = stopErr
			}
		}()
		fmt.Printf("export %s=%s\n", s.variable, server.URL)
	}
	fmt.Fprintln(os.Stderr, "both run until Ctrl+C")
	<-ctx.Done()
	return nil
}
