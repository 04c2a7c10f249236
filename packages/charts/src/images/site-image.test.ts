import { describe, expect, test } from "vitest";
import { findImages } from "./find-images.ts";
import { parseImage, siteChart, siteImage } from "./site-image.ts";

const registry = "registry.small.ertis.kz";

describe("siteImage", () => {
  test("keeps the upstream host, so that equal names of two hosts do not meet", () => {
    expect(siteImage(registry, "quay.io/ceph/ceph:v20.2.2")).toBe(
      "registry.small.ertis.kz/quay.io/ceph/ceph:v20.2.2",
    );
    expect(siteImage(registry, "docker.io/ceph/ceph:v20.2.2")).not.toBe(
      siteImage(registry, "quay.io/ceph/ceph:v20.2.2"),
    );
    expect(siteChart(registry, "kueue")).toBe("oci://registry.small.ertis.kz/charts/kueue");
  });

  test.each(["nginx:1", "quay.io/a/b", "quay.io/a/b@sha256:00", "quay.io/A/b:1", ""])(
    "throws on %j, which leaves host or tag to somebody else",
    (image) => {
      expect(() => parseImage(image)).toThrow(/is not host\/repository:tag/);
    },
  );
});

describe("findImages", () => {
  test("finds fields, texts of files and images in three fields, of this registry only", () => {
    const object = {
      image: `${registry}/quay.io/a/b:1`,
      other: "quay.io/a/b:1",
      files: [{ content: `sandbox = '${registry}/registry.k8s.io/pause:3.10.1'\n` }],
      driver: { repository: `${registry}/nvcr.io/nvidia`, image: "driver", version: "580" },
      artifact: `${registry}/cluster-api-providers/core:v1`,
    };
    expect(findImages(object, registry)).toEqual([
      "quay.io/a/b:1",
      "registry.k8s.io/pause:3.10.1",
      "nvcr.io/nvidia/driver:580",
    ]);
  });
});
