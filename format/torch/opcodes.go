package torch

// Opcodes that others than the table name.
const (
	opProto      = 0x80
	opStop       = '.'
	opMark       = '('
	opGlobal     = 'c'
	opBinput     = 'q'
	opLongBinput = 'r'
	opBinget     = 'h'
	opLongBinget = 'j'
	opText       = 'X'
	opInt1       = 'K'
	opInt4       = 'J'
	opLong1      = 0x8a
	opTuple      = 't'
	opEmptyTuple = ')'
	opFalse      = 0x89
	opReduce     = 'R'
	opPersid     = 'Q'
	opSetItems   = 'u'
)

// opcodes are the instructions of protocols 2 to 5 that weights need, by their byte. (INST is of protocol 0 and calls a global, and is here
// so that the refusal names it.)
var opcodes = [256]func(*machine){
	opProto: func(m *machine) {
		if v := m.uint(1); m.err == nil && (v < 2 || v > 5) {
			m.fail("protocol %d, expected 2 to 5", v)
		}
	},
	0x95: func(m *machine) { m.uint(8) }, // FRAME: says how many bytes follow, for readers that would fetch them at once

	opMark: func(m *machine) {
		m.spent += 16
		m.marks = append(m.marks, len(m.stack))
	},
	'0': func(m *machine) { m.pop() },
	'1': func(m *machine) { m.popMark() },
	'2': func(m *machine) { m.push(m.top(), 0) },

	'N':     func(m *machine) { m.push(nil, 0) },
	0x88:    func(m *machine) { m.push(true, 0) },
	opFalse: func(m *machine) { m.push(false, 0) },
	opInt1:  func(m *machine) { m.push(int64(m.uint(1)), 8) },
	'M':     func(m *machine) { m.push(int64(m.uint(2)), 8) },
	opInt4:  func(m *machine) { m.push(int64(int32(m.uint(4))), 8) },
	opLong1: func(m *machine) { m.long(m.uint(1)) },
	0x8b:    func(m *machine) { m.long(m.uint(4)) },
	'G': func(m *machine) {
		if b := m.bytes(8); m.err == nil {
			m.push(float(b), 8)
		}
	},

	opText: func(m *machine) { m.text(m.uint(4)) },
	0x8c:   func(m *machine) { m.text(m.uint(1)) },
	0x8d:   func(m *machine) { m.text(m.uint(8)) },
	'T':    func(m *machine) { m.text(m.uint(4)) }, // str of Python 2
	'U':    func(m *machine) { m.text(m.uint(1)) },
	'B':    func(m *machine) { m.data(m.uint(4)) },
	'C':    func(m *machine) { m.data(m.uint(1)) },
	0x8e:   func(m *machine) { m.data(m.uint(8)) },
	0x96:   func(m *machine) { m.data(m.uint(8)) }, // bytearray

	opEmptyTuple: func(m *machine) { m.push(tuple(nil), 0) },
	0x85:         func(m *machine) { m.tuple(1) },
	0x86:         func(m *machine) { m.tuple(2) },
	0x87:         func(m *machine) { m.tuple(3) },
	opTuple: func(m *machine) {
		t := tuple(m.above())
		m.push(t, 24+16*len(t))
	},

	']':  func(m *machine) { m.push(&list{}, 24) },
	0x8f: func(m *machine) { m.push(&list{}, 24) }, // a set
	'a': func(m *machine) {
		v := m.pop()
		m.append(m.list(), []any{v})
	},
	'e': func(m *machine) {
		values := m.popMark()
		m.append(m.list(), values)
	},
	0x90: func(m *machine) { // of a set
		values := m.popMark()
		m.append(m.list(), values)
	},
	0x91: func(m *machine) { // frozenset
		l := &list{m.above()}
		m.push(l, 24+16*len(l.items))
	},

	'}': func(m *machine) { m.push(&dict{}, 48) },
	's': func(m *machine) {
		value, key := m.pop(), m.pop()
		m.setItems(m.dict(), []any{key, value})
	},
	opSetItems: func(m *machine) {
		pairs := m.popMark()
		m.setItems(m.dict(), pairs)
	},

	opBinput:     func(m *machine) { m.put(m.uint(1)) },
	opLongBinput: func(m *machine) { m.put(m.uint(4)) },
	0x94:         func(m *machine) { m.put(uint64(len(m.memo))) },
	opBinget:     func(m *machine) { m.get(m.uint(1)) },
	opLongBinget: func(m *machine) { m.get(m.uint(4)) },

	opGlobal: func(m *machine) { m.lines() },
	'i':      func(m *machine) { m.lines() },
	0x93: func(m *machine) {
		name, module := m.pop(), m.pop()
		n, ok1 := name.(string)
		o, ok2 := module.(string)
		if !ok1 || !ok2 {
			m.fail("the name of a global is no string")
			return
		}
		m.find(o, n)
	},

	opReduce: func(m *machine) {
		args, f := m.pop(), m.pop()
		m.call(f, args)
	},
	0x81: func(m *machine) { // NEWOBJ
		args, class := m.pop(), m.pop()
		m.call(class, args)
	},
	0x92: func(m *machine) { // NEWOBJ_EX
		keywords, args, class := m.pop(), m.pop(), m.pop()
		if d, ok := keywords.(*dict); !ok || len(d.keys) > 0 {
			m.fail("an object is made with named arguments")
		}
		m.call(class, args)
	},
	'b': func(m *machine) { // gives the value below attributes, which nobody needs but arrays
		state := m.pop()
		if a, ok := m.top().(*Array); ok {
			if err := a.set(state); err != nil {
				m.fail("%w", err)
			}
		}
	},
	opPersid: func(m *machine) {
		id, ok := m.pop().(tuple)
		if !ok {
			m.fail("a persistent id that is no tuple")
			return
		}
		v, err := m.load(id)
		if err != nil {
			m.err = err
			return
		}
		m.push(v, 0)
	},
}

// lines reads the module and the name of a global.
func (m *machine) lines() {
	module, err := m.in.line()
	if err == nil {
		var name []byte
		if name, err = m.in.line(); err == nil {
			m.find(string(module), string(name))
			return
		}
	}
	m.err = err
}
