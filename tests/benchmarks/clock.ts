import { type Spread, spreadOf } from "./figures.ts";

/** How long something took. */
export interface Took {
  /** On the wall. */
  readonly ms: number;
  /**
   * Processor time of the thread that did it: what the wall would be at least, on a machine that does
   * nothing else. Threads beside it (collector, compiler) are not in it.
   */
  readonly cpuMs: number;
}

/** Returns what stops the clock. */
export function startClock(): () => Took {
  // Made when it is needed: who only reads figures has no use for it, and Node warns of WASI.
  const threadMs = (kept ??= createThreadClock());
  const cpu = threadMs();
  const started = performance.now();
  return () => ({ ms: performance.now() - started, cpuMs: threadMs() - cpu });
}

/** Of many that were timed. */
export interface TookSpread {
  readonly wall: Spread;
  readonly cpu: Spread;
}

export function tookSpread(all: readonly Took[]): TookSpread {
  return {
    wall: spreadOf(all.map(({ ms }) => ms)),
    cpu: spreadOf(all.map(({ cpuMs }) => cpuMs)),
  };
}

// `process.threadCpuUsage` moves in ticks of 4 ms on many kernels; the clock of the thread, which only WASI
// hands out, does not. The module below is
//
//   (module
//     (import "w" "c" (func (param i32 i64 i32) (result i32)))
//     (memory (export "memory") 1)
//     (func (export "_initialize"))
//     (func (export "now") (drop (call 0 (i32.const 3) (i64.const 1) (i32.const 0)))))
const clockModule = Buffer.from(
  "AGFzbQEAAAABCwJgA39+fwF/YAAAAgcBAXcBYwAAAwMCAQEFAwEAAQceAwZtZW1vcnkCAAtfaW5pdGlhbGl6ZQABA25vdwACChACAgALCwBBA0IBQQAQABoL",
  "base64",
);

/** The part of it that is used; types of the browser's libraries are not loaded here. */
interface WasmOfNode {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly now: (this: void) => void;
    };
  };
}

let kept: (() => number) | undefined;

function createThreadClock(): () => number {
  const { WASI } = process.getBuiltinModule("node:wasi");
  const wasi = new WASI({ version: "preview1" });
  const wasm: WasmOfNode = Reflect.get(globalThis, "WebAssembly");
  const imports = { w: { c: wasi.wasiImport["clock_time_get"] } };
  const instance = new wasm.Instance(new wasm.Module(clockModule), imports);
  wasi.initialize(instance);
  const { memory, now } = instance.exports;
  const view = new DataView(memory.buffer);
  return () => {
    now();
    return Number(view.getBigUint64(0, true)) / 1e6;
  };
}
