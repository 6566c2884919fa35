/** What cases have gone through. */
export interface Survived {
  cases: number;
  runs: number;
  /** By kind. */
  readonly faults: Record<string, number>;
  /** By where they fell. */
  readonly kills: Record<string, number>;
  /** Interruptions, warehouses that went away, limits, jumps of the clock, and what others did in HubSpot. */
  readonly others: Record<string, number>;
}

export function nothingYet(): Survived {
  return { cases: 0, runs: 0, faults: {}, kills: {}, others: {} };
}

export function count(counts: Record<string, number>, name: string, more = 1): void {
  if (more > 0) counts[name] = (counts[name] ?? 0) + more;
}

export function addTo(total: Survived, part: Survived): void {
  total.cases += part.cases;
  total.runs += part.runs;
  for (const kind of ['faults', 'kills', 'others'] as const) {
    for (const [name, number] of Object.entries(part[kind])) count(total[kind], name, number);
  }
}

/** Lines for people: totals first. */
export function describe({ cases, runs, faults, kills, others }: Survived): string {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, each) => total + each, 0);
  const listed = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, number]) => `${name} ${number}`)
      .join(', ');
  return `survived ${cases} cases: ${runs} runs with ${sum(faults)} faults and ${sum(kills)} kills
  faults: ${listed(faults)}
  kills: ${listed(kills)}
  and: ${listed(others)}`;
}
