// Preloaded into a process: at its end, keeps what it allocates for a while, as a sync keeps the batches in flight, and says
// how large V8 let the young part of the heap become.
import { writeFileSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';

process.on('exit', () => {
  const kept = [];
  for (let round = 0; round < 60; round += 1) {
    kept[round % 3] = Array.from({ length: 20_000 }, (_, index) => ({ round, text: `row ${index}`, list: [index] }));
  }
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  writeFileSync(process.env.YOUNG_HEAP, JSON.stringify({ bytes: young.space_size, rows: kept.flat().length }));
});
