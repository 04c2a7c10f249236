import { describe, expect, it } from "vitest";
import { prepareDefinitions, withoutDescriptions } from "./prepare.ts";

const published = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: clusters.cluster.x-k8s.io
spec:
  group: cluster.x-k8s.io
  conversion: { strategy: Webhook }
  versions:
    - { name: v1beta1, served: true, storage: false, schema: { openAPIV3Schema: { type: object } } }
    - { name: v1beta2, served: true, storage: true, schema: { openAPIV3Schema: { type: object, description: text } } }
`;

describe("a definition for a server without conversion webhooks", () => {
  it("keeps the stored version of a base, without its conversion", () => {
    expect(prepareDefinitions(published, "stored version")).toEqual([
      {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "clusters.cluster.x-k8s.io" },
        spec: {
          group: "cluster.x-k8s.io",
          conversion: undefined,
          versions: [
            {
              name: "v1beta2",
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: "object" } },
            },
          ],
        },
      },
    ]);
  });

  it("gets the label of Cluster API's contract, where references are to be followed", () => {
    expect(prepareDefinitions(published, "stored version and contract")).toMatchObject([
      { metadata: { labels: { "cluster.x-k8s.io/v1beta2": "v1beta2" } } },
    ]);
  });

  it("stays with all of its versions where it is no base", () => {
    const [definition] = prepareDefinitions(published, "none");
    expect(definition).toMatchObject({
      spec: { conversion: { strategy: "Webhook" }, versions: [{}, {}] },
    });
  });

  it("may be one of several in a file; anything else in it is refused", () => {
    expect(prepareDefinitions(`---\n${published}---\n${published}`, "none")).toHaveLength(2);
    expect(() => prepareDefinitions("kind: ConfigMap", "none")).toThrow("holds something else");
  });
});

describe("a schema without its texts", () => {
  it("checks what it checked before, also a property that is called description", () => {
    const schema = {
      description: "text",
      type: "object",
      required: ["description"],
      properties: {
        description: { description: "text", type: "string", enum: ["description"] },
        default: { type: "object", default: { description: "a value" }, description: "text" },
        list: { type: "array", items: [{ description: "text", type: "string" }] },
      },
    };
    expect(withoutDescriptions(schema)).toEqual({
      type: "object",
      required: ["description"],
      properties: {
        description: { type: "string", enum: ["description"] },
        default: { type: "object", default: { description: "a value" } },
        list: { type: "array", items: [{ type: "string" }] },
      },
    });
  });
});
