import type { EngineState } from "../state/engine-state.ts";
import { encodeSnapshot } from "./snapshot.ts";

/**
 * A fingerprint of everything the state stands for, equal on every machine: two 32-bit hashes
 * (multiply and mix, after cyrb53) over the chunks of its snapshot. Time is left out, because a
 * tick that finds nothing to do is not in the log.
 */
export function stateDigest(state: EngineState): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  const eat = (text: string): void => {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      a = Math.imul(a ^ code, 2_654_435_761);
      b = Math.imul(b ^ code, 1_597_334_677);
    }
  };
  for (const chunk of encodeSnapshot({ ...state, nowMs: 0 })) {
    eat(chunk);
  }
  const mixedA =
    Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  const mixedB =
    Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return (
    (mixedA >>> 0).toString(16).padStart(8, "0") + (mixedB >>> 0).toString(16).padStart(8, "0")
  );
}
