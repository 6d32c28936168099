/** Watches with the built client, as told by its arguments, and prints each board as a line of JSON. */

const [module, address, options] = process.argv.slice(2);
const { Scorewire } = await import(module);

let bytes = 0;
const { fetch } = globalThis;
globalThis.fetch = async (...call) => {
  const answer = await fetch(...call);
  return new Response(answer.body?.pipeThrough(counting()), answer);
};

function counting() {
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
}

const states = [];
const onState = ({ name }) => states.push(name);
for await (const board of Scorewire.at(address).watch({ ...JSON.parse(options), onState })) {
  console.log(
    JSON.stringify({ ...board, bytes, states }, (_, value) => (typeof value === "bigint" ? String(value) : value)),
  );
}
