package agent

import (
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	ds "github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	recpb "github.com/libp2p/go-libp2p-record/pb"
	"google.golang.org/protobuf/proto"
)

var errDatabase = errors.New("the store of the DHT does nothing else")

// Get implements ds.Read for the DHT: a record with all claims of the key.
func (r *records) Get(_ context.Context, key ds.Key) ([]byte, error) {
	name, err := unpadded().DecodeString(strings.TrimPrefix(key.String(), "/"))
	if err != nil {
		return nil, ds.ErrNotFound
	}
	value := r.value(name)
	if value == nil {
		return nil, ds.ErrNotFound
	}
	return proto.Marshal(&recpb.Record{Key: name, Value: value, TimeReceived: time.Now().UTC().Format(time.RFC3339Nano)})
}

// Put implements ds.Write for the DHT: the one claim of the record joins those that are there.
func (r *records) Put(_ context.Context, _ ds.Key, value []byte) error {
	var put recpb.Record
	if err := proto.Unmarshal(value, &put); err != nil {
		return err
	}
	return r.take(put.GetKey(), put.GetValue())
}

// Has implements ds.Read.
func (r *records) Has(ctx context.Context, key ds.Key) (bool, error) {
	_, err := r.Get(ctx, key)
	return err == nil, nil
}

// GetSize implements ds.Read.
func (r *records) GetSize(ctx context.Context, key ds.Key) (int, error) {
	value, err := r.Get(ctx, key)
	return len(value), err
}

// Delete does nothing: what does not stand any more is not given out.
func (r *records) Delete(context.Context, ds.Key) error { return nil }

// Query is not what the DHT needs of a store.
func (r *records) Query(context.Context, query.Query) (query.Results, error) { return nil, errDatabase }

// Batch is not what the DHT needs of a store.
func (r *records) Batch(context.Context) (ds.Batch, error) { return nil, errDatabase }

// Sync does nothing: all is in memory.
func (r *records) Sync(context.Context, ds.Key) error { return nil }

// Close does nothing.
func (r *records) Close() error { return nil }

func unpadded() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }
