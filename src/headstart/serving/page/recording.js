// A sound from the microphone, as WAV: the model reads that without anything else installed.

import { make } from "./dom.js";

export function recorderButton(give) {
  const button = make("button", { click: pressed }, "Record");
  const state = make("span", { class: "quiet small", role: "status" });
  let recorder = null;

  async function pressed() {
    if (recorder) return recorder.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      record(stream);
    } catch (error) {
      state.textContent = error.name === "NotAllowedError" ? "The microphone was not allowed." : "There is no microphone that can be used.";
    }
  }
  function record(stream) {
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      recorder = null;
      button.textContent = "Record";
      state.textContent = "";
      give({ files: [new File([await asWav(new Blob(parts))], "recording.wav", { type: "audio/wav" })] });
    };
    recorder.start();
    button.textContent = "Stop";
    state.textContent = "Recording …";
  }
  return make("div", { class: "row" }, button, state);
}

async function asWav(blob) {
  const context = new AudioContext();
  const sound = await context.decodeAudioData(await blob.arrayBuffer());
  await context.close();
  return wav(sound.getChannelData(0), sound.sampleRate);
}

// Mono, 16 bits.
function wav(samples, rate) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const word = (at, text) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => view.setInt16(44 + 2 * i, 32767 * Math.max(-1, Math.min(1, sample)), true));
  return view.buffer;
}
