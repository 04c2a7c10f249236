import fc from "fast-check";
import { expect, it } from "vitest";
import { NodeCosts } from "./node-costs.ts";

const nodeCount = 12;
/** Of a node whose cost nobody says. */
const unsaid = fc.constantFrom("free" as const, "not free" as const);
const cost = fc.constantFrom(0, 0, 1, 2, 2, 3, Infinity);
const step = fc.oneof(
  fc.constant("take" as const),
  fc.record({ node: fc.integer({ min: 0, max: nodeCount - 1 }), cost }),
);

it("takes the cheapest node, of equal ones the first, however costs change meanwhile", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(cost, unsaid), { maxLength: nodeCount }),
      fc.array(step),
      (costs, steps) => {
        const plain = new Map<number, number>();
        const tested = new NodeCosts(nodeCount, (node) => plain.get(node) === 0);
        const said = new Set<number>();
        costs.forEach((one, node) => {
          if (typeof one === "number") {
            tested.set(node, one);
            said.add(node);
          }
          if (one !== "not free") {
            plain.set(node, one === "free" ? 0 : one);
          }
        });
        for (const one of steps) {
          if (one === "take") {
            const expected = cheapestOf(plain);
            expect(tested.take()).toBe(expected);
            plain.delete(expected ?? -1);
          } else if (plain.has(one.node) && said.has(one.node)) {
            tested.set(one.node, one.cost);
            plain.set(one.node, one.cost);
          }
          for (let node = 0; node < nodeCount; node += 1) {
            expect(tested.costOf(node)).toBe(said.has(node) ? plain.get(node) : undefined);
          }
        }
      },
    ),
  );
});

function cheapestOf(costs: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  for (const [node, one] of [...costs].toSorted(([a], [b]) => a - b)) {
    best = one < (costs.get(best ?? -1) ?? Infinity) ? node : best;
  }
  return best;
}
