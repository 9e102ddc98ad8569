// Reads what Tallystick publishes with the Go project's own libraries: golang.org/x/mod/sumdb/note and sumdb/tlog, the
// programs that the formats come from. It reads one JSON question from standard input and exits with 0 when everything
// in it holds; otherwise it says what does not.
//
// Only the witness's line is checked by code of its own: that kind of signature is younger than the library.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Note        string   // a checkpoint, signed
	Log         string   // the log's verifier key
	Witness     string   // the witness's verifier key, if it cosigned
	Entry       []byte   // a log entry, base64 as Go reads it
	Index       int64    // where it is
	Inclusion   [][]byte // its proof
	OldSize     int64    // an older size of the log
	OldRoot     []byte   // the root it had
	Consistency [][]byte // the proof that the log only grew since
	Tiles       string   // a folder of tiles in the layout of c2sp.org/tlog-tiles, if there is one
}

func main() {
	var asked question
	must("question", json.NewDecoder(os.Stdin).Decode(&asked))
	tree := checkpoint(asked)
	leaf := tlog.RecordHash(asked.Entry)
	must("inclusion", tlog.CheckRecord(hashes(asked.Inclusion), tree.N, tree.Hash, asked.Index, leaf))
	old := hash(asked.OldRoot)
	must("consistency", tlog.CheckTree(hashes(asked.Consistency), tree.N, tree.Hash, asked.OldSize, old))
	if asked.Tiles != "" {
		tiles(asked, tree)
	}
}

// checkpoint opens the note with sumdb/note and reads the tree head in it.
func checkpoint(asked question) tlog.Tree {
	log, err := note.NewVerifier(asked.Log)
	must("the log's verifier key", err)
	signers := []note.Verifier{log}
	if asked.Witness != "" {
		signers = append(signers, newWitness(asked.Witness))
	}
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(signers...))
	must("note", err)
	if len(opened.Sigs) != len(signers) {
		fail("note", "somebody did not sign")
	}
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != log.Name() {
		fail("note", "another log's checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must("size", err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must("root", err)
	return tlog.Tree{N: size, Hash: hash(root)}
}

// tiles has sumdb/tlog authenticate the tiles against the signed root, and make the same proofs from them.
func tiles(asked question, tree tlog.Tree) {
	reader := tlog.TileHashReader(tree, folder(asked.Tiles))
	root, err := tlog.TreeHash(tree.N, reader)
	must("tiles", err)
	if root != tree.Hash {
		fail("tiles", "another root")
	}
	inclusion, err := tlog.ProveRecord(tree.N, asked.Index, reader)
	must("inclusion from tiles", err)
	consistency, err := tlog.ProveTree(tree.N, asked.OldSize, reader)
	must("consistency from tiles", err)
	if fmt.Sprint(inclusion) != fmt.Sprint(hashes(asked.Inclusion)) ||
		fmt.Sprint(consistency) != fmt.Sprint(hashes(asked.Consistency)) {
		fail("tiles", "another proof")
	}
}

// A folder of tiles. Go names a tile's height first, which is always 8 here; c2sp.org/tlog-tiles leaves it out.
type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		content, err := os.ReadFile(filepath.Join(string(f), filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		read = append(read, content)
	}
	return read, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// A witness verifies cosignatures as in c2sp.org/tlog-cosignature.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newWitness(text string) note.Verifier {
	parts := strings.SplitN(text, "+", 3)
	id, err := strconv.ParseUint(parts[1], 16, 32)
	must("the witness's key id", err)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must("the witness's key", err)
	if key[0] != 4 || len(key) != 33 {
		fail("the witness's key", "not of signature type 04")
	}
	return witness{parts[0], uint32(id), key[1:]}
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.id }

func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, []byte(signed), signature[8:])
}

func hashes(list [][]byte) []tlog.Hash {
	var found []tlog.Hash
	for _, each := range list {
		found = append(found, hash(each))
	}
	return found
}

func hash(data []byte) (h tlog.Hash) {
	if len(data) != tlog.HashSize {
		fail("hash", "not 32 bytes")
	}
	copy(h[:], data)
	return h
}

func must(what string, err error) {
	if err != nil {
		fail(what, err.Error())
	}
}

func fail(what, why string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", what, why)
	os.Exit(1)
}
