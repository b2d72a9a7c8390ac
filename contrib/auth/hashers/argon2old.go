package hashers

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/crypto/blake2b"
)

// This file verifies Argon2i as it was before version 19, which x/crypto does not have. It follows
// the algorithm of RFC 9106; version 16 differs in its number, which goes into the first hash, and
// in that later passes overwrite a block instead of adding to it. It is never used for new hashes.

const (
	argon2Words  = 128 // 64-bit words of a block
	argon2Slices = 4
	argon2TypeI  = 1
)

type argon2Block [argon2Words]uint64

// argon2Fill is the memory being filled.
type argon2Fill struct {
	blocks               []argon2Block
	time, lanes, columns uint32 // a lane has that many blocks
	length               uint32 // of one slice of a lane
}

// argon2iOld returns size bytes of Argon2i, version 16. Memory is in KiB and at least 8 a lane.
func argon2iOld(password, salt []byte, time, memory, lanes, size uint32) []byte {
	slice := memory / (argon2Slices * lanes)
	f := argon2Fill{
		blocks:  make([]argon2Block, slice*argon2Slices*lanes),
		time:    time,
		lanes:   lanes,
		columns: slice * argon2Slices,
		length:  slice,
	}
	first := argon2First(password, salt, time, memory, lanes, size)
	for lane := range lanes {
		for column := range uint32(2) {
			seed := binary.LittleEndian.AppendUint32(first[:len(first):len(first)], column)
			seed = binary.LittleEndian.AppendUint32(seed, lane)
			f.blocks[lane*f.columns+column].read(argon2Long(seed, 8*argon2Words))
		}
	}
	for pass := range time {
		for s := range uint32(argon2Slices) {
			for lane := range lanes {
				f.segment(pass, s, lane)
			}
		}
	}
	last := f.blocks[f.columns-1]
	for lane := uint32(1); lane < lanes; lane++ {
		for i, word := range f.blocks[(lane+1)*f.columns-1] {
			last[i] ^= word
		}
	}
	return argon2Long(last.bytes(), size)
}

// argon2First is the hash of all inputs, H0.
func argon2First(password, salt []byte, time, memory, lanes, size uint32) []byte {
	var in []byte
	for _, n := range []uint32{lanes, size, memory, time, argon2OldVersion, argon2TypeI} {
		in = binary.LittleEndian.AppendUint32(in, n)
	}
	for _, text := range [][]byte{password, salt, nil, nil} { // no secret, no associated data
		in = binary.LittleEndian.AppendUint32(in, uint32(len(text)))
		in = append(in, text...)
	}
	sum := blake2b.Sum512(in)
	return sum[:]
}

// argon2Long is H', a hash of any length: halves of a chain of BLAKE2b sums.
func argon2Long(in []byte, size uint32) []byte {
	in = append(binary.LittleEndian.AppendUint32(nil, size), in...)
	out := make([]byte, 0, size)
	for size > blake2b.Size {
		sum := blake2b.Sum512(in)
		out = append(out, sum[:blake2b.Size/2]...)
		size -= blake2b.Size / 2
		in = sum[:]
	}
	rest, err := blake2b.New(int(size), nil)
	if err != nil {
		panic("hashers: blake2b: " + err.Error()) // size lies between 1 and 64 here
	}
	rest.Write(in)
	return rest.Sum(out)
}

// segment fills one slice of one lane.
func (f argon2Fill) segment(pass, slice, lane uint32) {
	input := argon2Block{uint64(pass), uint64(lane), uint64(slice), uint64(len(f.blocks)), uint64(f.time), argon2TypeI}
	var zero, addresses argon2Block
	next := func() {
		input[6]++
		half := argon2Mix(&zero, &input)
		addresses = argon2Mix(&zero, &half)
	}
	start := uint32(0)
	if pass == 0 && slice == 0 {
		start = 2
		next()
	}
	for i := start; i < f.length; i++ {
		if i%argon2Words == 0 {
			next()
		}
		column := slice*f.length + i
		previous := (column + f.columns - 1) % f.columns
		random := addresses[i%argon2Words]
		other := uint32(random>>32) % f.lanes
		if pass == 0 && slice == 0 {
			other = lane
		}
		reference := f.reference(pass, slice, i, uint32(random), other == lane)
		f.blocks[lane*f.columns+column] = argon2Mix(
			&f.blocks[lane*f.columns+previous],
			&f.blocks[other*f.columns+reference],
		)
	}
}

// reference maps a random number to a column that is filled and not the previous one.
func (f argon2Fill) reference(pass, slice, i, random uint32, sameLane bool) uint32 {
	area, start := slice*f.length, uint32(0)
	if pass > 0 {
		area = f.columns - f.length
		start = (slice + 1) * f.length
	}
	switch {
	case sameLane:
		area += i - 1
	case i == 0:
		area--
	}
	square := uint64(random) * uint64(random) >> 32
	back := uint64(area) * square >> 32
	return (start + area - 1 - uint32(back)) % f.columns
}

// argon2Mix is the compression function G.
func argon2Mix(x, y *argon2Block) argon2Block {
	var r argon2Block
	for i := range r {
		r[i] = x[i] ^ y[i]
	}
	q := r
	var words [16]*uint64
	for row := range 8 {
		for i := range words {
			words[i] = &q[16*row+i]
		}
		argon2Permute(&words)
	}
	for column := range 8 {
		for i := range words {
			words[i] = &q[16*(i/2)+2*column+i%2]
		}
		argon2Permute(&words)
	}
	for i := range q {
		q[i] ^= r[i]
	}
	return q
}

// argon2Permute is the permutation P, one round of BLAKE2b with multiplications.
func argon2Permute(v *[16]*uint64) {
	for i := range 4 {
		argon2Quarter(v[i], v[i+4], v[i+8], v[i+12])
	}
	for i := range 4 {
		argon2Quarter(v[i], v[4+(i+1)%4], v[8+(i+2)%4], v[12+(i+3)%4])
	}
}

func argon2Quarter(a, b, c, d *uint64) {
	*a = argon2Add(*a, *b)
	*d = bits.RotateLeft64(*d^*a, -32)
	*c = argon2Add(*c, *d)
	*b = bits.RotateLeft64(*b^*c, -24)
	*a = argon2Add(*a, *b)
	*d = bits.RotateLeft64(*d^*a, -16)
	*c = argon2Add(*c, *d)
	*b = bits.RotateLeft64(*b^*c, -63)
}

func argon2Add(x, y uint64) uint64 {
	return x + y + 2*uint64(uint32(x))*uint64(uint32(y))
}

func (b *argon2Block) read(data []byte) {
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(data[8*i:])
	}
}

func (b *argon2Block) bytes() []byte {
	var data []byte
	for _, word := range b {
		data = binary.LittleEndian.AppendUint64(data, word)
	}
	return data
}
