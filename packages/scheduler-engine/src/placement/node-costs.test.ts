import fc from "fast-check";
import { expect, it } from "vitest";
import { NodeCosts } from "./node-costs.ts";

const nodeCount = 12;
const cost = fc.constantFrom(0, 0, 1, 2, 2, 3, Infinity);
const step = fc.oneof(
  fc.constant("take" as const),
  fc.record({ node: fc.integer({ min: 0, max: nodeCount - 1 }), cost }),
);

it("takes the cheapest node, of equal ones the first, however costs change meanwhile", () => {
  fc.assert(
    fc.property(fc.array(cost, { maxLength: nodeCount }), fc.array(step), (costs, steps) => {
      const tested = new NodeCosts(nodeCount);
      const plain = new Map<number, number>();
      costs.forEach((one, node) => {
        tested.set(node, one);
        plain.set(node, one);
      });
      for (const one of steps) {
        if (one === "take") {
          const expected = cheapestOf(plain);
          expect(tested.take()).toBe(expected);
          plain.delete(expected ?? -1);
        } else if (plain.has(one.node)) {
          tested.set(one.node, one.cost);
          plain.set(one.node, one.cost);
        }
        for (let node = 0; node < nodeCount; node += 1) {
          expect(tested.costOf(node)).toBe(plain.get(node));
        }
      }
    }),
  );
});

function cheapestOf(costs: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  for (const [node, one] of [...costs].toSorted(([a], [b]) => a - b)) {
    best = one < (costs.get(best ?? -1) ?? Infinity) ? node : best;
  }
  return best;
}
