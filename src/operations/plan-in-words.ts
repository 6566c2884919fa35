import type { Plan } from '../sync/plan-types.ts';

/** What a plan will do, in one line: `contacts: 158 rows to create, 3 members to add to Hot leads` */
export function planInWords({ sync, rows, lists }: Plan): string {
  const parts = [
    counted(rows.creates, 'row', 'to create'),
    counted(rows.updates, 'row', 'to update'),
    counted(rows.clears, 'row', 'to clear'),
    ...lists.flatMap((list) => [
      counted(list.adds, 'member', `to add to ${list.name}`),
      counted(list.removes, 'member', `to remove from ${list.name}`),
    ]),
    rows.rejected === 0 ? '' : `${rows.rejected.toLocaleString('en-US')} of these refused already`,
  ].filter(Boolean);
  return `${sync}: ${parts.length === 0 ? 'nothing to send' : parts.join(', ')}`;
}

function counted(count: number, noun: string, what: string): string {
  return count === 0 ? '' : `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'} ${what}`;
}
