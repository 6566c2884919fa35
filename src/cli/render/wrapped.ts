/** Breaks at the blanks, so that no word is cut by the terminal's edge. */
export function wrapped(text: string, indent = 2): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length >= 98) lines.push(`${' '.repeat(indent)}${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
