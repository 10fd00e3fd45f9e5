// What a text is made of. Offsets count code points (Array.from), as Python's do.
//
// An atom is a character as people see it: a letter with its marks, an emoji with its joiners, a flag.
// A word is what the engine takes for one: a run of letters and digits; a punctuation mark, a symbol, and a character
// of a script without spaces each stand alone.

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const SPACE = /^\s+$/u;
const RUNNING = /^[\p{L}\p{N}\p{M}]/u;
const UNSPACED = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;
const UNSEEN = /^[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]$/u;

/** The text as atoms {start, end, text, word}; word is an index, or -1 for white space. `cuts` part atoms and words. */
function walk(text, cuts) {
  const atoms = [];
  let start = 0;
  for (const { segment } of graphemes.segment(text)) {
    let part = "";
    for (const character of Array.from(segment)) {
      if (part && cuts.has(start + Array.from(part).length)) {
        atoms.push(atom(start, part));
        start = atoms.at(-1).end;
        part = "";
      }
      part += character;
    }
    atoms.push(atom(start, part));
    start = atoms.at(-1).end;
  }
  return numberWords(atoms, cuts);
}

function atom(start, text) {
  return { start, end: start + Array.from(text).length, text, word: -1 };
}

function numberWords(atoms, cuts) {
  let word = -1;
  let running = false;
  for (const each of atoms) {
    if (SPACE.test(each.text)) {
      running = false;
      continue;
    }
    const runs = RUNNING.test(each.text) && !UNSPACED.test(each.text);
    if (!(runs && running) || cuts.has(each.start)) word += 1;
    each.word = word;
    running = runs;
  }
  return atoms;
}

/** The words of atoms as ranges {start, end}. */
function wordsOf(atoms) {
  const words = [];
  for (const { start, end, word } of atoms) {
    if (word >= 0) words[word] = { start: words[word]?.start ?? start, end };
  }
  return words;
}

/** An atom as it is shown: line breaks keep breaking, and what is unseen or reorders the line is spelled out. */
function glyph(text) {
  if (/^\r?\n$/.test(text)) return "↵\n";
  if (text === "\t" || !UNSEEN.test(text)) return text;
  return `⟨${text.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** Text between two offsets, short enough for a line of help. */
function quote(text, { start, end }) {
  const characters = Array.from(text).slice(start, end);
  const shown = characters.length > 40 ? [...characters.slice(0, 39), "…"] : characters;
  return `“${shown.map((character) => glyph(character).trimEnd() || " ").join("")}”`;
}

const overlaps = (one, other) => one.start < other.end && other.start < one.end;
const equal = (one, other) => one.start === other.start && one.end === other.end;
const union = (one, other) => ({ start: Math.min(one.start, other.start), end: Math.max(one.end, other.end) });
