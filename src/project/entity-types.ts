export interface Entity {
  readonly name: string;
  /** A template, such as `{{ ref('leads') }}`; one row per key. */
  readonly relation: string;
  readonly key: string;
  /** By the parent entity's name. */
  readonly belongsTo: Readonly<Record<string, Belonging>>;
  readonly aliases?: Aliases;
}

/** How rows of an entity find those of its parent. */
export type Belonging =
  /** This entity's column that holds the parent's key. */
  | { readonly kind: 'column'; readonly column: string }
  /** A relation with a row per pair, which has the keys of both; `weight` is SQL over its row. */
  | { readonly kind: 'bridge'; readonly via: string; readonly weight?: string };

/** Other ids that events carry instead of an entity's key, such as those of visitors who became known later. */
export interface Aliases {
  /** A template: one row per other id, with the entity's key. */
  readonly relation: string;
  /** The column of the relation that holds the other id. */
  readonly id: string;
  /** The column of events that holds the other id. */
  readonly on: string;
  /** SQL over the relation's row: since when the id is known to be the entity's. */
  readonly at?: string;
}
