import { Refusal } from "../mapping/refusal.ts";
import type { StreamHandler } from "../server/calls.ts";

/** Bounds how many streams one person may have open: each costs reads for as long as it lives. */
export class WatchCounter {
  readonly #max: number;
  readonly #countByPerson = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  counted<Request, Answer>(
    handler: StreamHandler<Request, Answer>,
  ): StreamHandler<Request, Answer> {
    return async (request, person, stream) => {
      const count = (this.#countByPerson.get(person.name) ?? 0) + 1;
      if (count > this.#max) {
        return new Refusal(
          "TOO_MANY_WATCHES",
          `${person.name} has ${this.#max} watches open, and no more are allowed; end one first`,
          { metadata: { person: person.name }, retryAfterMs: 10_000 },
        );
      }
      this.#countByPerson.set(person.name, count);
      try {
        return await handler(request, person, stream);
      } finally {
        const left = (this.#countByPerson.get(person.name) ?? 1) - 1;
        if (left === 0) {
          this.#countByPerson.delete(person.name);
        } else {
          this.#countByPerson.set(person.name, left);
        }
      }
    };
  }
}
