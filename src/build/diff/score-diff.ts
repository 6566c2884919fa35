/** How the scores of an edited model differ from the live ones. */
export interface ScoreDiff {
  readonly model: string;
  /** In their order, the highest first. */
  readonly tiers: readonly string[];
  readonly rows: {
    readonly before: number;
    readonly after: number;
    readonly appeared: number;
    readonly disappeared: number;
    /** Of the rows that both builds have: another score, another tier. */
    readonly changed: number;
    readonly tierChanged: number;
  };
  /** Null for a build without rows. */
  readonly mean: { readonly before: number | null; readonly after: number | null };
  /** Equal fingerprints: the model itself is as it was, so that what differs comes from data. */
  readonly modelVersion: { readonly before: string | null; readonly after: string | null };
  /** Adjoining ranges; the last one has its upper end too. Empty where there are no rows. */
  readonly distribution: readonly {
    readonly from: number;
    readonly to: number;
    readonly before: number;
    readonly after: number;
  }[];
  /** Rows that both builds have, those that stay in their tier included. */
  readonly tierMoves: readonly { readonly from: string | null; readonly to: string | null; readonly rows: number }[];
  readonly rules: readonly RuleChange[];
  /** The largest first. */
  readonly moves: readonly ScoreMove[];
  /** Examples, the highest score first. */
  readonly appeared: readonly ScoredRow[];
  readonly disappeared: readonly ScoredRow[];
}

/** The points that a rule gives to all rows together; null where that build does not have the rule. */
export interface RuleChange {
  readonly rule: string;
  readonly before: number | null;
  readonly after: number | null;
}

export interface ScoreMove {
  readonly key: string;
  readonly before: ScoreAndReasons;
  readonly after: ScoreAndReasons;
}

export interface ScoreAndReasons {
  readonly score: number;
  readonly tier: string | null;
  readonly reasons: string | null;
}

export interface ScoredRow {
  readonly key: string;
  readonly score: number | null;
  readonly tier: string | null;
}
