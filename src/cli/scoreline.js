#!/usr/bin/env node
// Plain JavaScript on purpose: an old Node must be able to parse this file, to say what is wrong with it.
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `scoreline needs Node 22.18 or later; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer Node, or in a checkout of Scoreline use `npm run --silent scoreline -- ...`, which brings its own.\n',
  );
  process.exit(1);
}

// Memory is given back when it is not needed any more. The settings must be there before what they are about is loaded.
// Measured on a first sync of 1,000,000 rows: DuckDB's allocator (jemalloc, on Linux) keeps up to 900 MB that no table or
// statement has any more, unless it is told to keep none; the heap, of which 60 MB live, grows to 350 MB, unless it is
// collected whenever it has grown by a third, and then to 210 MB. Of these, 128 MB are for young objects, unless that part of
// the heap is kept from growing: it starts with 2 MB, is sixteen times as large when the program is loaded, and stays so.
if (process.env.DUCKDB_JE_MALLOC_CONF === undefined) {
  process.env.DUCKDB_JE_MALLOC_CONF = 'dirty_decay_ms:0,muzzy_decay_ms:0';
}
setFlagsFromString('--heap-growing-percent=30');
setFlagsFromString('--semi-space-growth-factor=16');

const compiled = new URL('./main.js', import.meta.url);
const inCheckout = !existsSync(compiled);
// npm runs a package's scripts in the package's folder and keeps the folder where the user typed in INIT_CWD.
if (inCheckout && process.env.npm_lifecycle_event === 'scoreline' && process.env.INIT_CWD) {
  process.chdir(process.env.INIT_CWD);
}
const { main } = await import(inCheckout ? './main.ts' : compiled.href);
setFlagsFromString('--semi-space-growth-factor=1');
await main();
