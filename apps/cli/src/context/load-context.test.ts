import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ContextFlags, loadContext, type ServerContext } from "./load-context.ts";

let root = "";
let warnings: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ertis-context-"));
  warnings = [];
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, value: unknown, mode = 0o600): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, typeof value === "string" ? value : JSON.stringify(value));
  chmodSync(full, mode);
  return full;
}

function load(
  flags: ContextFlags = {},
  env: Record<string, string> = {},
  cwd = "work/deep",
): ServerContext {
  mkdirSync(join(root, cwd), { recursive: true });
  return loadContext(flags, {
    env: { HOME: join(root, "home"), ...env },
    cwd: join(root, cwd),
    warn: (message) => warnings.push(message),
  });
}

const near = { address: "127.0.0.1:1", token: "near", person: "aigerim" };
const own = { address: "127.0.0.1:2", token: "own" };

test("the nearest .ertis/context.json upward wins over the user's own", () => {
  write("home/.config/ertis/context.json", own);
  expect(load()).toMatchObject({ address: "127.0.0.1:2", token: "own" });
  write("work/.ertis/context.json", near);
  expect(load()).toMatchObject({ address: "127.0.0.1:1", token: "near", person: "aigerim" });
});

test("what npm start put into ERTIS_DATA is found, unless ERTIS_CONTEXT names another", () => {
  write("work/.ertis/context.json", near);
  const data = dirname(write("data/context.json", own));
  write("data/contexts/operator.json", { ...own, token: "operator" });
  expect(load({}, { ERTIS_DATA: data }).token).toBe("own");
  expect(load({ as: "operator" }, { ERTIS_DATA: "../../data" }).token).toBe("operator");
  const fixed = join(root, "work/.ertis/context.json");
  expect(load({}, { ERTIS_DATA: data, ERTIS_CONTEXT: fixed }).token).toBe("near");
});

test("XDG_CONFIG_HOME is kept to", () => {
  write("xdg/ertis/context.json", own);
  expect(load({}, { XDG_CONFIG_HOME: join(root, "xdg") }).token).toBe("own");
});

test("the environment wins over files, flags win over the environment", () => {
  write("work/.ertis/context.json", near);
  const env = { ERTIS_ADDRESS: "127.0.0.1:3", ERTIS_TOKEN: "env" };
  expect(load({}, env)).toMatchObject({ address: "127.0.0.1:3", token: "env", person: "" });
  const tokenFile = write("token", "flag\n");
  expect(load({ address: "127.0.0.1:4", tokenFile }, env)).toMatchObject({
    address: "127.0.0.1:4",
    token: "flag",
  });
});

test("the token of a file never goes to an address from elsewhere", () => {
  write("work/.ertis/context.json", near);
  expect(load({ address: "evil.example.kz:443" }).token).toBe("");
  expect(load({}, { ERTIS_ADDRESS: "evil.example.kz:443" }).token).toBe("");
  expect(load({ address: near.address }).token).toBe("near");
});

test("--as takes a context beside the usual one, ERTIS_CONTEXT names a file", () => {
  write("work/.ertis/context.json", near);
  write("work/.ertis/contexts/operator.json", { address: "127.0.0.1:1", token: "operator" });
  expect(load({ as: "operator" }).token).toBe("operator");
  const other = write("other.json", own);
  expect(load({}, { ERTIS_CONTEXT: other }).token).toBe("own");
  expect(() => load({ as: "nobody" })).toThrow(/no context "nobody"/);
  expect(() => load({ as: "../context" })).toThrow(/is not a name/);
  expect(() => load({}, { ERTIS_CONTEXT: "missing.json" })).toThrow(/does not exist/);
});

test("a file of somebody else is not taken unless it is named", (context) => {
  if (process.getuid?.() !== 0) {
    context.skip("only root can give a file away");
    return;
  }
  const path = write("work/.ertis/context.json", near);
  chownSync(path, 12_345, 12_345);
  write("home/.config/ertis/context.json", own);
  expect(load().token).toBe("own");
  expect(warnings).toEqual([expect.stringMatching(/belongs to somebody else/)]);
  expect(load({}, { ERTIS_CONTEXT: path }).token).toBe("near");
});

test("a token that others may read is warned of", () => {
  write("work/.ertis/context.json", near, 0o644);
  load();
  expect(warnings).toEqual([expect.stringMatching(/others may read it \(mode 644\): chmod 600/)]);
});

test.each([
  ["{", /is not JSON/],
  ["[]", /must hold an object/],
  ['{"address": 7}', /address must be a text/],
])("a context file that holds %s is refused by its name", (text, message) => {
  write("work/.ertis/context.json", text);
  expect(() => load()).toThrow(message);
});

test("without any context it says what to do", () => {
  expect(() => load()).toThrow(/no scheduler is known here/);
  expect(() => load({ tokenFile: "missing", address: "127.0.0.1:1" })).toThrow(/does not exist/);
});
