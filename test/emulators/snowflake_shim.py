"""fakesnow's HTTP server, made usable from the Node driver (snowflake-sdk 3.3).

Usage: python -W ignore snowflake_shim.py PORT     prints "ready PORT" (0: a free one); stop with SIGTERM
Env:   SHIM_CHUNK_ROWS=10000 (rows a result chunk), SHIM_PASSWORD (if set, any other password is refused)
"""
import asyncio, gzip, importlib, json, os, re, sys, uuid
from base64 import b64decode
from collections import OrderedDict, defaultdict
from decimal import Decimal

import duckdb, pyarrow as pa, uvicorn
from snowflake.connector.errors import Error as SfError, ProgrammingError
from sqlglot import exp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fakesnow import dialect, info_schema, rowtype, transforms
from fakesnow.cursor import FakeSnowflakeCursor as Cursor

fs = importlib.import_module("fakesnow.server")      # the package attribute of that name is a function
CHUNK = int(os.environ.get("SHIM_CHUNK_ROWS", "10000"))
PARAMS = {"TIMEZONE": "UTC", "DATE_OUTPUT_FORMAT": "YYYY-MM-DD", "TIME_OUTPUT_FORMAT": "HH24:MI:SS", "BINARY_OUTPUT_FORMAT": "HEX",
          "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3"}
params = defaultdict(lambda: dict(PARAMS))           # session token -> parameters sent with every reply
final = defaultdict(dict)                            # session token -> role and warehouse names
locks = defaultdict(asyncio.Lock)                    # one statement at a time per session
results, chunks = OrderedDict(), OrderedDict()       # query id -> reply; query id -> gzipped row chunks


def keep(cache, key, value, limit):
    cache[key] = value
    while len(cache) > limit:
        cache.popitem(last=False)


# ---- patches of fakesnow: binds, column types, PUT target, errors ------------------------------------------------
def from_binding(b, orig=fs.from_binding):
    t, v = b["type"], b["value"]
    if v is None:
        return None
    if t == "FIXED":
        return int(v) if re.fullmatch(r"-?\d+", v) else Decimal(v)
    return float(v) if t == "REAL" else orig(b)


class Types(dict):                                   # DuckDB types fakesnow cannot describe
    def get(self, k, d=None):
        return super().get(k) or ("array" if k.endswith("]") else "object" if k.startswith(("STRUCT", "MAP")) else "text")


def to_decimal(e, orig=transforms.to_decimal):       # TO_NUMBER(hexadecimal digits, 'XXXX')
    if isinstance(e, exp.ToNumber) and (f := e.args.get("format")) and re.fullmatch("X+", f.name, re.I):
        return exp.cast(exp.DPipe(this=exp.Literal.string("0x"), expression=e.this.copy()), "BIGINT")
    return orig(e)


transforms.to_decimal = to_decimal
transforms.merge = lambda e: [e]                     # DuckDB has MERGE by now; fakesnow's own fails in a transaction,
info_schema.insert_text_lengths_sql = lambda *_: "SELECT 1"       # and so do its notes of lengths, which nobody reads
fs.from_binding = from_binding
fs.to_sf = lambda table, _: table                    # plain Arrow columns, see column()
fs.gcs_stage_info = lambda request, e, put: put["stageInfo"]    # PUT: the driver copies to fakesnow's local folder
more = {"real": "FLOAT", "fixed": "SMALLINT TINYINT UINTEGER USMALLINT UTINYINT UHUGEINT", "timestamp_ntz": "TIMESTAMP_S TIMESTAMP_MS"}
rowtype.duckdb_to_sf_type = Types(rowtype.duckdb_to_sf_type, **{n: k for k, v in more.items() for n in v.split()})
ERRORS = [  # (DuckDB exception or None, message pattern, errno, sqlstate, Snowflake's message or None)
    (None, r'Referenced column "(.+?)" not found|does not have a column named "(.+?)"', 904, "42000", "SQL compilation error:\ninvalid identifier '{}'"),
    (None, r"Schema with name (.+?) does not exist", 2003, "02000", "SQL compilation error:\nSchema '{}' does not exist or not authorized."),
    (None, r"SET schema: No catalog \+ schema named", 2043, "02000", "SQL compilation error:\nObject does not exist, or operation cannot be performed."),
    (None, r'Existing object "(.+?)" is of type View', 1998, "42710", "SQL compilation error:\nObject '{}' already exists as VIEW"),
    (None, r'Existing object "(.+?)" is of type Table', 1998, "42710", "SQL compilation error:\nObject '{}' already exists as TABLE"),
    (None, r"(?:Table|View) with name (.+?) does not exist", 2003, "42S02", "SQL compilation error:\nObject '{}' does not exist or not authorized."),
    (None, "Function with name", 2140, "42601", None), (None, "already exists", 2002, "42710", None),
    (duckdb.ConversionException, r"^(?!.*(?:time|date))", 100038, "22018", None), (duckdb.ConstraintException, "", 100072, "22000", None),
    (duckdb.InterruptException, "", 604, "57014", "SQL execution canceled")]


def as_sf_error(e):
    msg, cause = getattr(e, "msg", None) or str(e), e.__cause__ if isinstance(e, SfError) else e
    errno, state = (e.errno, e.sqlstate) if isinstance(e, SfError) else (603, "XX000")
    for kind, pattern, no, st, text in ERRORS:
        if (kind is None or isinstance(cause, kind)) and (m := re.search(pattern, msg)):
            errno, state, msg = no, st, text.format(next(filter(None, m.groups()), "")) if text else msg
            break
    return ProgrammingError(msg=msg, errno=errno, sqlstate=state)


def execute(self, *a, orig=Cursor.execute, **k):
    try:
        done = orig(self, *a, **k)
    except (SfError, duckdb.Error, NotImplementedError) as e:
        raise as_sf_error(e) from None
    if isinstance(self._last_transformed, exp.Merge):          # DuckDB counts in one number, and cannot describe it
        self._last_sql, self._last_params = f'SELECT {self._arrow_table[0][0].as_py()} AS "number of rows inserted"', None
        self._arrow_table = self._duck_conn.execute(self._last_sql).to_arrow_table()
    return done


Cursor.execute = execute


# ---- statements fakesnow lacks ------------------------------------------------------------------------------------
def create_schema(conn, e):
    """CREATE SCHEMA [IF NOT EXISTS]: fakesnow cannot make one with quotes in its name."""
    quoted = lambda name: '"' + name.replace('"', '""') + '"'
    i = e.this.args["db"]
    database, schema = e.this.catalog or conn.database, i.name if i.quoted else i.name.upper()
    name = f"{quoted(database)}.{quoted(schema)}"
    conn._duck_conn.execute(f"CREATE SCHEMA {'IF NOT EXISTS ' if e.args.get('exists') else ''}{name}")
    conn._duck_conn.execute("SET schema = '" + name.replace("'", "''") + "'")
    conn.database, conn.database_set, conn._schema, conn.schema_set = database, True, schema, True


def bulk(conn, e, bindings):
    """INSERT with array binds: one INSERT ... SELECT from an Arrow table, not a statement a row."""
    cols = [[from_binding({**bindings[k], "value": v}) for v in bindings[k]["value"]] for k in sorted(bindings, key=int)]
    def array(c):
        try:
            return pa.array(c)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array([None if v is None else str(v) for v in c])
    if isinstance(v := e.expression, exp.Values) and len(v.expressions) == 1:
        e.set("expression", v := exp.select(*v.expressions[0].expressions))
    holes = list(v.find_all(exp.Placeholder, bfs=False))
    if not isinstance(v, exp.Select) or v.args.get("from_") or len(holes) != len(cols):
        return None
    conn._duck_conn.register("_fs_binds", pa.table({f"c{i}": array(c) for i, c in enumerate(cols)}))
    for i, p in enumerate(holes):
        p.replace(exp.column(f"c{i}"))
    v.from_("temp.main._fs_binds", copy=False)
    return e.sql(dialect="snowflake")


def inline(sql, bindings):
    """CREATE ... AS SELECT with binds: fakesnow drops the parameters, so write them as literals, numbered as the text has them."""
    count = iter(range(1, len(bindings) + 1))
    quoted = r"('(?:[^'\\]|''|\\.)*'|\"[^\"]*\"|--[^\n]*)|\?"
    e = dialect.parse_one(re.sub(quoted, lambda m: m[1] or f":{next(count)}", sql))
    for p in list(e.find_all(exp.Placeholder)):
        v = from_binding(bindings[p.this])
        p.replace(exp.Literal.number(str(v)) if isinstance(v, Decimal) else exp.convert(v))
    return e.sql(dialect="snowflake")


# ---- replies --------------------------------------------------------------------------------------------------------
def seconds(n, scale, tail):
    sign, n = ("-", -n) if n < 0 else ("", n)
    return f"{sign}{n // scale}.{n % scale * (10**9 // scale):09d}{tail}"


def column(c, meta):
    """One Arrow column as the cells of Snowflake's JSON format (strings; null stays null)."""
    t, each = c.type, lambda f, col=c: [None if v is None else f(v) for v in col.to_pylist()]
    if pa.types.is_boolean(t):
        return each(lambda v: "1" if v else "0")
    if pa.types.is_date(t):                          # days since the epoch
        return c.cast(pa.int32()).cast(pa.string()).to_pylist()
    if pa.types.is_timestamp(t) or pa.types.is_time64(t):       # seconds with 9 decimals; TZ: then blank, offset minutes + 1440
        scale, tail = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[t.unit], " 1440" if meta["type"] == "timestamp_tz" else ""
        return each(lambda v: seconds(v, scale, tail), c.cast(pa.int64()))
    if pa.types.is_binary(t) or pa.types.is_large_binary(t):
        return each(lambda v: v.hex().upper())
    if pa.types.is_nested(t):
        return each(lambda v: json.dumps(v, default=str))
    if pa.types.is_string(t) or pa.types.is_integer(t) or pa.types.is_floating(t):
        return c.cast(pa.string()).to_pylist()
    return each(lambda v: format(v, "f") if isinstance(v, Decimal) else str(v))


def place(sql, message):
    """Where Snowflake would say that an identifier is: fakesnow runs other text than was sent, so it is looked for."""
    m = re.match(r"SQL compilation error:\ninvalid identifier '(.+)'$", message or "")
    at = m and re.search(rf"(?<![\w.])\"?{re.escape(m[1])}\"?(?!\w)", sql, re.I)
    if not at:
        return message
    line, column = sql.count("\n", 0, at.start()), at.start() - (sql.rfind("\n", 0, at.start()) + 1)
    return message.replace("error:", f"error: error line {line + 1} at position {column}", 1)


def success(data, code=None):
    return {"data": data, "code": code, "message": None, "success": True}


def finish(token, base, data):
    rows, qid = data.get("rowset") or [], data.get("queryId") or str(uuid.uuid4())
    if arrow := data.pop("rowsetBase64", None):
        table = pa.ipc.open_stream(b64decode(arrow)).read_all()
        rows = [list(r) for r in zip(*map(column, table.columns, data["rowtype"]))]
    data.update(final[token], queryId=qid, queryResultFormat="json", version=1, rowset=rows[:CHUNK], total=len(rows), returned=len(rows),
                parameters=[{"name": k, "value": v} for k, v in params[token].items()])
    if len(rows) > CHUNK:                            # the rest by URL, as Snowflake does
        rest = [json.dumps(rows[i:i + CHUNK], separators=(",", ":"))[1:-1].encode() for i in range(CHUNK, len(rows), CHUNK)]
        keep(chunks, qid, [gzip.compress(t, 1) for t in rest], 8)
        data["chunks"] = [{"url": f"{base}chunks/{qid}/{i}", "rowCount": min(CHUNK, len(rows) - (i + 1) * CHUNK), "uncompressedSize": len(t),
                           "compressedSize": len(chunks[qid][i])} for i, t in enumerate(rest)]
    keep(results, qid, success(data), 50)
    return results[qid]


def fail(code, message, state=None):
    message = re.sub(r"^\d{6} \(\w{5}\): ", "", message or "")   # the Python connector's error class prepends this
    return {"data": {"errorCode": code, "sqlState": state, "queryId": str(uuid.uuid4())}, "code": code, "message": message, "success": False}


def texts(*names):
    return [{"name": n, "type": "text", "nullable": True, "length": 16777216, "byteLength": 16777216, "scale": None, "precision": None} for n in names]


STATS = {"partitionsTotal": 1, "partitionsAssigned": 1, "bytesAssigned": 1024}
EXPLAIN = {"text": {"rowtype": texts("content"), "rowset": [["GlobalStats:\n" + "".join(f"    {k}={v}\n" for k, v in STATS.items())]]},
           "json": {"rowtype": texts("content"), "rowset": [[json.dumps({"GlobalStats": STATS, "Operations": [[]]})]]},
           "tabular": {"rowtype": texts("step", "id", "parent", "operation", "objects", "alias", "expressions", *STATS),
                       "rowset": [[None, None, None, "GlobalStats", None, None, None, *map(str, STATS.values())]]}}


async def run_one(request, token, conn, body):
    """One statement: rewrite it, let fakesnow run it, turn its reply into the JSON format."""
    sql, base, b = body["sqlText"], str(request.base_url), body.get("bindings")
    def done(**k):
        names = {"finalDatabaseName": conn.database, "finalSchemaName": conn.schema}
        return finish(token, base, {"rowtype": texts("status"), "rowset": [["Statement executed successfully."]], "statementTypeId": 0x6000, **names, **k})
    try:
        if m := re.match(r"\s*alter\s+session\s+(set|unset)\s+(?!autocommit\b)(.*)$", sql, re.I | re.S):
            for k, v in re.findall(r"(\w+)\s*=\s*('[^']*'|[\w.+-]+)", m[2]):
                params[token][k.upper()] = {"true": True, "false": False}.get(v.lower(), v.strip("'"))
                if k.upper() == "TIMEZONE":          # calendar days of instants depend on it
                    conn._duck_conn.execute(f"SET TimeZone = {v}")
            for k in re.findall(r"\w+", m[2].upper()) if m[1].lower() == "unset" else ():
                params[token].pop(k, None)
                params[token].update({n: v for n, v in PARAMS.items() if n == k})
            return done(statementTypeId=0x4000)
        if m := re.match(r"\s*explain\s+(?:using\s+(text|json|tabular)\s+)?(.*)$", sql, re.I | re.S):
            await asyncio.to_thread(conn.cursor().execute, "DESCRIBE " + m[2])     # compiles it, runs nothing
            return done(**EXPLAIN[(m[1] or "tabular").lower()], statementTypeId=0x1000)
        e = dialect.parse_one(sql)
        if isinstance(e, (exp.Create, exp.Drop, exp.Alter, exp.TruncateTable)):
            try:
                conn._duck_conn.commit()             # Snowflake's DDL commits the open transaction
            except duckdb.TransactionException:
                pass
        if isinstance(e, exp.Create) and e.args.get("kind") == "SCHEMA":
            await asyncio.to_thread(create_schema, conn, e)
            return done()
        if b and isinstance(e, exp.Insert) and isinstance(b["1"]["value"], list) and (rewritten := bulk(conn, e, b)):
            body = {**body, "sqlText": rewritten, "bindings": None}
        elif b and isinstance(e, exp.Create):
            body = {**body, "sqlText": inline(sql, b), "bindings": None}
    except (SfError, duckdb.Error) as err:
        err = as_sf_error(err)
        return fail(f"{err.errno:06d}", err.msg, err.sqlstate)
    raw = json.dumps(body).encode()
    async def receive():
        return {"type": "http.request", "body": raw, "more_body": False}
    headers = [h for h in request.scope["headers"] if h[0] != b"content-encoding"]
    reply = json.loads((await fs.query_request(Request({**request.scope, "headers": headers}, receive))).body)
    if not reply["success"]:
        return fail(reply["code"], reply["message"], (reply.get("data") or {}).get("sqlState") or "XX000")
    return success(reply["data"]) if "src_locations" in reply["data"] else await asyncio.to_thread(finish, token, base, reply["data"])


async def query(request):
    token = fs.to_token(request)
    conn, body = fs.to_conn(token), await read(request)
    want = int((body.get("parameters") or {}).get("MULTI_STATEMENT_COUNT", params[token].get("MULTI_STATEMENT_COUNT", 1)))
    sql = re.sub(r"('(?:[^']|'')*')|\?::", lambda m: m[1] or "? ::", body["sqlText"])      # sqlglot reads ?:: as one operator
    # A clone that replaces a table, as fakesnow only makes new ones; there are no grants to copy.
    sql = re.sub(r"^(create or replace table\s+\S.*?)\s+clone\s+(\S.*?)\s+copy\s+grants\s*$", r"\1 as select * from \2", sql, flags=re.I | re.S)
    body["sqlText"] = re.sub(r"^\s*start\s+transaction", "BEGIN", sql, flags=re.I)
    async with locks[token]:
        try:
            parts = [p for p in dialect.parse(body["sqlText"]) if p and not isinstance(p, exp.Semicolon)]
        except SfError:
            parts = [None]                           # fakesnow reports the syntax error
        if len(parts) <= 1 and want <= 1:
            reply = await run_one(request, token, conn, body)
            if not reply["success"]:
                reply["message"] = place(body["sqlText"], reply["message"])
        elif want and want != len(parts):
            return fail("000008", f"Actual statement count {len(parts)} did not match the desired statement count {want}.", "0A000")
        else:
            ids = []
            for p in parts:
                reply = await run_one(request, token, conn, {"sqlText": p.sql(dialect="snowflake")})
                if not reply["success"]:
                    return reply
                ids.append(reply["data"]["queryId"])
            return success({"queryId": str(uuid.uuid4()), "resultIds": ",".join(ids), "resultTypes": ",".join(["4096"] * len(ids))})
    if body.get("asyncExec") and reply["success"]:   # it ran already; the driver polls by query id
        qid = reply["data"]["queryId"]
        return success({"queryId": qid, "getResultUrl": f"/queries/{qid}/result", "queryAbortsAfterSecs": 300}, "333334")
    return reply


# ---- routes -----------------------------------------------------------------------------------------------------------
async def read(request):
    body = await request.body()
    return json.loads((gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body) or b"{}")


async def query_request(request):
    try:
        return JSONResponse(await query(request))
    except fs.ServerError as e:
        return JSONResponse(fail(e.code, e.message))
    except Exception as e:                           # never HTTP 500: the driver retries it 1000 times
        return JSONResponse(fail("000603", f"{type(e).__name__}: {e}", "XX000"))


async def result(request):
    return JSONResponse(results.get(request.path_params["qid"]) or fail("000709", f"Statement {request.path_params['qid']} not found", "02000"))


async def chunk(request):
    body = chunks[request.path_params["qid"]][int(request.path_params["n"])]
    return Response(body, media_type="binary/octet-stream", headers={"Content-Encoding": "gzip"})


async def abort(request):
    if conn := fs.sessions.get(fs.to_token(request)):
        conn._duck_conn.interrupt()
    return JSONResponse(success(None))


async def login(request):
    sent, q = (await read(request))["data"], request.query_params
    if (pw := os.environ.get("SHIM_PASSWORD")) and sent.get("PASSWORD") != pw:
        return JSONResponse(fail("390100", "Incorrect username or password was specified.", "08001"))
    reply = json.loads((await fs.login_request(request)).body)
    token = reply["data"]["token"]
    names = {"current_warehouse": q.get("warehouse"), "current_role": q.get("roleName"), "current_user": sent.get("LOGIN_NAME"),
             "current_account": sent.get("ACCOUNT_NAME"), "current_session": token[:12]}
    for name, v in names.items():
        fs.sessions[token]._duck_conn.execute(f"CREATE OR REPLACE TEMP MACRO {name}() AS {exp.convert(v and v.upper()).sql()}")
    final[token] = {"finalRoleName": q.get("roleName"), "finalWarehouseName": q.get("warehouse")}
    params[token].update(sent.get("SESSION_PARAMETERS") or {})
    own = {**params[token], "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD": 2**31}     # with fakesnow's 0 the Node driver stages every array bind
    reply["data"]["parameters"] = [p for p in reply["data"]["parameters"] if p["name"] not in own] + [{"name": k, "value": v} for k, v in own.items()]
    return JSONResponse(success({**reply["data"], "masterToken": token, "masterValidityInSeconds": 14400, "validityInSeconds": 3600, "sessionId": uuid.uuid4().int % 10**12}))


async def telemetry(request):
    return JSONResponse(success(None))


app = Starlette(routes=[
    Route("/session/v1/login-request", login, methods=["POST"]), Route("/queries/v1/query-request", query_request, methods=["POST"]),
    Route("/queries/v1/abort-request", abort, methods=["POST"]), Route("/queries/{qid}/abort-request", abort, methods=["POST"]),
    Route("/queries/{qid}/result", result), Route("/chunks/{qid}/{n}", chunk), Route("/telemetry/send", telemetry, methods=["POST"]), *fs.routes])


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(f"ready {self.servers[0].sockets[0].getsockname()[1]}", flush=True)


if __name__ == "__main__":
    Server(uvicorn.Config(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", timeout_graceful_shutdown=1)).run()
