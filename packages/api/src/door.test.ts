import { existsSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import * as door from "./index.ts";

const { file: files } = fromBinary(FileDescriptorSetSchema, door.readDescriptorSet());
const ours = files.filter((file) => file.package.startsWith("ertis."));

test("the door names every message, enum and service of the proto files", () => {
  const wanted = ours.flatMap((file) => [
    ...file.messageType.map(({ name }) => name),
    ...file.enumType.map(({ name }) => name),
    ...file.service.flatMap(({ name }) => [`${name}Service`, `${name}Client`]),
  ]);
  expect(wanted).toContain("SubmitJobsRequest");
  expect(wanted.filter((name) => !(name in door))).toEqual([]);
});

test("the descriptor set describes every method that is generated, and none besides", () => {
  const described = ours.flatMap((file) =>
    file.service.flatMap((service) =>
      service.method.map(({ name }) => `/${file.package}.${service.name}/${name}`),
    ),
  );
  const generated = [
    door.JobServiceService,
    door.PowerServiceService,
    door.NodeServiceService,
    door.InfoServiceService,
    door.ClockServiceService,
    door.AccountServiceService,
  ].flatMap((service) => Object.values(service).map(({ path }): string => path));
  expect(described.toSorted()).toEqual(generated.toSorted());
});

test("the descriptor set is whole: reflection finds every import in it", () => {
  expect(existsSync(door.descriptorSetPath)).toBe(true);
  const names = new Set(files.map(({ name }) => name));
  const missing = files.flatMap(({ dependency }) => dependency).filter((name) => !names.has(name));
  expect(missing).toEqual([]);
  expect(names).toContain("google/rpc/error_details.proto");
});

test("every enum begins with a value that means nothing was said", () => {
  const enums = ours.flatMap(({ enumType }) => enumType);
  expect(enums.length).toBeGreaterThan(5);
  const wrong = enums.filter(({ value }) => value[0]?.number !== 0);
  expect(wrong.map(({ name }) => name)).toEqual([]);
});
