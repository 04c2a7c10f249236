import type { AttemptKey } from "@ertis/scheduler-engine";
import type { DesiredAttempt, DesiredChange } from "@ertis/scheduler-runtime";
import { bareWorkload } from "../cluster/attempt-plan.ts";
import { Malformed } from "./fields.ts";
import { type DesiredPart, encode } from "./wire.ts";

/** Lists are cut into messages of about this size, so that none holds up the others. */
const partCharactersTarget = 256 * 2 ** 10;

/** A wish with no more of its workload than a simulated cluster looks at. */
export function lightened(wish: DesiredAttempt): DesiredAttempt {
  return { ...wish, workload: bareWorkload(wish.workload.environment) };
}

/** Cuts a list where its JSON passes the size of a message; an empty list gives one empty piece. */
export function inPieces<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const pieces: Item[][] = [];
  let piece: Item[] = [];
  let characterCount = 0;
  for (const item of items) {
    piece.push(item);
    characterCount += JSON.stringify(item).length;
    if (characterCount >= partCharactersTarget) {
      pieces.push(piece);
      piece = [];
      characterCount = 0;
    }
  }
  return piece.length > 0 || pieces.length === 0 ? [...pieces, piece] : pieces;
}

/** The messages of one change, in the order they are sent. */
export function encodeChange(
  change: DesiredChange,
  lost: readonly AttemptKey[],
): readonly string[] {
  const { generation, isComplete } = change;
  const empty = { attempts: [], forget: [], powerOff: [], powerOn: [], lost: [] };
  const begin = { kind: "desired", generation, isComplete, isLast: false } as const;
  const parts: DesiredPart[] = [
    ...inPieces(lost).map((piece) => ({ ...begin, ...empty, lost: piece })),
    ...inPieces(change.forget).map((piece) => ({ ...begin, ...empty, forget: piece })),
    ...inPieces(change.powerOff).map((piece) => ({ ...begin, ...empty, powerOff: piece })),
    ...inPieces(change.powerOn).map((piece) => ({ ...begin, ...empty, powerOn: piece })),
    ...inPieces(change.attempts.map(lightened)).map((piece) => ({
      ...begin,
      ...empty,
      attempts: piece,
    })),
  ].filter(
    (part) =>
      part.lost.length +
        part.forget.length +
        part.powerOff.length +
        part.powerOn.length +
        part.attempts.length >
      0,
  );
  parts.push({ ...begin, ...empty, isLast: true });
  return parts.map(encode);
}

/** Puts the pieces of one change together again. */
export class ChangeAssembly {
  #parts: DesiredPart[] = [];

  /**
   * @returns the whole change when this was its last piece
   * @throws Malformed when pieces of different changes are mixed
   */
  add(
    part: DesiredPart,
  ): { readonly change: DesiredChange; readonly lost: readonly AttemptKey[] } | undefined {
    const first = this.#parts[0] ?? part;
    if (first.generation !== part.generation || first.isComplete !== part.isComplete) {
      throw new Malformed(
        `a piece of generation ${part.generation} came before the last piece of ${first.generation}`,
      );
    }
    this.#parts.push(part);
    if (!part.isLast) {
      return undefined;
    }
    const parts = this.#parts;
    this.#parts = [];
    return {
      change: {
        generation: part.generation,
        isComplete: part.isComplete,
        attempts: parts.flatMap((each) => each.attempts),
        forget: parts.flatMap((each) => each.forget),
        powerOff: parts.flatMap((each) => each.powerOff),
        powerOn: parts.flatMap((each) => each.powerOn),
      },
      lost: parts.flatMap((each) => each.lost),
    };
  }
}
