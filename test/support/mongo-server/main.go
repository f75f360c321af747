// A server that speaks MongoDB's wire protocol, for tests where there is no mongod: FerretDB with its SQLite handler, behind
// a front of ours. Arguments: the address to listen on and the folder of the data. Ends with its stdin.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: mongo-server ADDRESS FOLDER")
		os.Exit(2)
	}
	socket := filepath.Join(os.Args[2], "socket")
	// Left by one that was killed.
	_ = os.Remove(socket)
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Handler:   "sqlite",
		SQLiteURL: "file:" + os.Args[2] + "/",
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		fail(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	go func() {
		awaitSocket(socket)
		listener, err := net.Listen("tcp", os.Args[1])
		if err != nil {
			fail(err)
		}
		fail(front(listener, socket))
	}()
	if err := server.Run(ctx); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
