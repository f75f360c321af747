// What stands between clients and FerretDB: it lets one command that writes through at a time. FerretDB compares and changes a
// document in two steps, and its connections to SQLite wait for each other's locks until none goes on; MongoDB promises
// that a write of one document is one step.
package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"
)

const (
	headerBytes = 16
	opMsg       = 2013
	moreToCome  = 2
	mostBytes   = 64 << 20
)

var writes = map[string]bool{
	"create": true, "createIndexes": true, "delete": true, "drop": true, "dropDatabase": true,
	"dropIndexes": true, "findAndModify": true, "insert": true, "update": true,
}

// front serves clients of the listener from the server behind the socket, until the listener fails.
func front(listener net.Listener, socket string) error {
	var writing sync.Mutex
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("unix", socket)
			if err != nil {
				return
			}
			defer server.Close()
			for converse(client, server, &writing) == nil {
			}
		}()
	}
}

// converse carries one request to the server, and its answer back.
func converse(client, server net.Conn, writing *sync.Mutex) error {
	request, err := readMessage(client)
	if err != nil {
		return err
	}
	answer, err := ask(server, request, writing)
	if err != nil || answer == nil {
		return err
	}
	_, err = client.Write(answer)
	return err
}

// ask gives the server's answer; nil when there is none to wait for.
func ask(server net.Conn, request []byte, writing *sync.Mutex) ([]byte, error) {
	command, isAnswered := look(request)
	if writes[command] {
		writing.Lock()
		defer writing.Unlock()
	}
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	if !isAnswered {
		return nil, nil
	}
	return readMessage(server)
}

// look gives the name of the command that a message asks for, and whether it wants an answer.
func look(message []byte) (string, bool) {
	// Flags, kind of section, length of its document, type of its first field.
	const name = headerBytes + 4 + 1 + 4 + 1
	if binary.LittleEndian.Uint32(message[12:]) != opMsg || len(message) <= name {
		return "", true
	}
	command, _, _ := bytes.Cut(message[name:], []byte{0})
	return string(command), binary.LittleEndian.Uint32(message[headerBytes:])&moreToCome == 0
}

func readMessage(from io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return nil, err
	}
	bytes := binary.LittleEndian.Uint32(length[:])
	if bytes < headerBytes || bytes > mostBytes {
		return nil, io.ErrUnexpectedEOF
	}
	message := make([]byte, bytes)
	copy(message, length[:])
	_, err := io.ReadFull(from, message[4:])
	return message, err
}

// awaitSocket settles when something listens there.
func awaitSocket(socket string) {
	for {
		if connection, err := net.Dial("unix", socket); err == nil {
			connection.Close()
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}
