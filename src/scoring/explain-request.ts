export interface ExplainRequest {
  /** The entity's key as people type it. */
  readonly key: string;
  /** The newest so many events of each rule are shown, and the strongest rows of a roll-up; 0 leaves their numbers. */
  readonly maxEvents: number;
}
