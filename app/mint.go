package app

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"minutebook/billing"
)

// An id is 41 bits of milliseconds since idEpoch, 10 bits of a process's node and 12 bits of a sequence.
var idEpoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	nodeBits     = 10
	sequenceBits = 12
)

// NewMint makes the ids of one process: positive, rising, and different from those of other processes, whose node
// and first sequence number are drawn by chance. Should two ids ever meet, the database's primary key refuses the
// second and its transaction leaves nothing behind.
func NewMint(clock func() time.Time) billing.Mint {
	var mu sync.Mutex
	var dice [4]byte
	_, _ = rand.Read(dice[:]) // it never fails
	node := int64(binary.BigEndian.Uint16(dice[:2])) & (1<<nodeBits - 1)
	sequence := int64(binary.BigEndian.Uint16(dice[2:])) & (1<<(sequenceBits-1) - 1)
	var last int64
	return func() billing.ID {
		mu.Lock()
		defer mu.Unlock()
		ms := max(clock().Sub(idEpoch).Milliseconds(), last) // a clock that steps back does not turn ids back
		if sequence++; ms > last {
			sequence &= 1<<(sequenceBits-1) - 1 // room to rise within the millisecond
		} else if sequence >= 1<<sequenceBits {
			ms, sequence = ms+1, 0
		}
		last = ms
		return billing.ID(ms<<(nodeBits+sequenceBits) | node<<sequenceBits | sequence)
	}
}
