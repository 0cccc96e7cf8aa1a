// What the page asks of the service. Every failure is an Error whose message a person can read.

export const model = () => asked("/model");
export const examples = async () => (await asked("/examples")).examples;
export const example = (index) => asked(`/examples/${index}`);

export async function predictedFiles(files) {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name);
  return (await asked("/predict?shown=true", { method: "POST", body: form })).answers;
}

export async function predictedTexts(texts) {
  return (await asked("/predict?shown=true", asJson({ texts }))).answers;
}

export const corrected = async (given, right) =>
  asked("/corrections", asJson(given.text === undefined ? { file: await inJson(given.file), right } : { text: given.text, right }));

async function inJson(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error("the file cannot be read any more"));
    reader.readAsDataURL(file);
  });
  return { name: file.name, base64: url.slice(url.indexOf(",") + 1) };
}

const asJson = (value) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(value),
});

async function asked(path, how) {
  let answer;
  try {
    answer = await fetch(path, how);
  } catch {
    throw new Error("The service does not answer. Is it still running?");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  throw new Error(`${told.error ?? `status ${answer.status}`}. ${told.hint ?? ""}`);
}
