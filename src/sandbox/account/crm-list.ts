/** A list (HubSpot's interface calls it a segment). */
export interface ListDefinition {
  readonly listId: string;
  readonly name: string;
  readonly objectTypeId: string;
  readonly processingType: 'MANUAL' | 'SNAPSHOT' | 'DYNAMIC';
  /** Counts definition changes from 1. */
  readonly listVersion: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt?: number;
}

export class CrmList {
  definition: ListDefinition;
  /** When each member came in, in the order of joining. */
  readonly #joinedAt = new Map<string, number>();
  /** Made on demand, dropped on change: paging through a large list must not sort it again for every page. */
  #byJoin: readonly string[] | undefined;
  #byId: readonly string[] | undefined;

  constructor(definition: ListDefinition) {
    this.definition = definition;
  }

  get size(): number {
    return this.#joinedAt.size;
  }

  has(recordId: string): boolean {
    return this.#joinedAt.has(recordId);
  }

  joinedAt(recordId: string): number | undefined {
    return this.#joinedAt.get(recordId);
  }

  /** Members that are in already, or not in, are left as they are. */
  change(add: readonly string[], remove: readonly string[], atMs: number): void {
    const removed = remove.filter((id) => this.#joinedAt.delete(id)).length;
    const added = add.filter((id) => !this.#joinedAt.has(id));
    if (removed + added.length === 0) return;
    for (const id of added) this.#joinedAt.set(id, atMs);
    this.#byJoin = undefined;
    this.#byId = undefined;
  }

  inJoinOrder(): readonly string[] {
    this.#byJoin ??= [...this.#joinedAt.keys()];
    return this.#byJoin;
  }

  inIdOrder(): readonly string[] {
    this.#byId ??= [...this.#joinedAt.keys()].sort((a, b) => Number(a) - Number(b));
    return this.#byId;
  }
}
