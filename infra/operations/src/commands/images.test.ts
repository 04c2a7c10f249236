import { expect, test } from "vitest";
import { showImages, type ImagesOptions } from "./images.ts";

function printed(options: ImagesOptions): string {
  let text = "";
  showImages(options, {
    isScreen: false,
    print: (part) => {
      text += part;
    },
    say: () => undefined,
    setStatus: () => undefined,
  });
  return text;
}

const linesOf = (text: string, kind: string): readonly string[] =>
  text.split("\n").filter((line) => line.startsWith(`${kind} `));

test("one command tells all that registries and image servers must hold, a line each", () => {
  const text = printed({});
  expect(linesOf(text, "image").length).toBeGreaterThan(50);
  expect(linesOf(text, "chart").length).toBeGreaterThan(10);
  expect(linesOf(text, "artifact")).toContainEqual(
    expect.stringMatching(
      /^artifact https:\S+\/infrastructure-components\.yaml,https:\S+\/metadata\.yaml registry\.\S+\/cluster-api-providers\/infrastructure-metal3:v\S+ #/u,
    ),
  );
  const files = linesOf(text, "file").join("\n");
  expect(files).toMatch(
    /^file - https:\S+\.raw # host image with Kubernetes .*sha256 [0-9a-f]{64}$/mu,
  );
  expect(files).toMatch(/^file - https:\S+\/x86_64\.kernel # agent of Ironic /mu);
  expect(files).toMatch(/^file - https:\S+\/aarch64\.initramfs # agent of Ironic /mu);
});

test("a site gets its own host images; the site that all share also providers and agents", () => {
  const own = printed({ site: "pavlodar-hub" });
  expect(linesOf(own, "file").every((line) => line.includes("host image"))).toBe(true);
  expect(linesOf(own, "file").length).toBeGreaterThan(0);
  expect(linesOf(own, "artifact")).toEqual([]);
  const shared = printed({ site: "ai-data-center" });
  expect(linesOf(shared, "artifact")).toHaveLength(5);
  expect(linesOf(shared, "file").filter((line) => line.includes("agent of"))).toHaveLength(4);
  expect(linesOf(shared, "file").join()).not.toContain("pavlodar-hub");
});

test("for scripts: as JSON, and as the names that makers publish", () => {
  const all: unknown = JSON.parse(printed({ json: true }));
  expect(Object.keys(Object(all))).toEqual(["images", "charts", "artifacts", "files"]);
  const names = printed({ upstream: true }).trimEnd().split("\n");
  expect(names).toContainEqual(expect.stringMatching(/\/core-components\.yaml$/u));
  expect(names.length).toBe(new Set(names).size);
  expect(names.join("\n")).not.toMatch(/\.kz\b/u);
});
