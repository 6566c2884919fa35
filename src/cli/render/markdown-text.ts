/** What only some readers want to see. */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return cellTable(
    head.map(plain),
    rows.map((cells) => cells.map(plain)),
  );
}

/** Of cells that are Markdown already. */
export function cellTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

/** Text from data must not become Markdown or HTML, nor break a table; a long one is cut. */
export function plain(text: string): string {
  return escaped(text.length > 120 ? `${text.slice(0, 119)}…` : text);
}

/** The same, whole. */
export function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*[\]<>|#~@]|\b_|_\b/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
