// A picture from the webcam.

import { make } from "./dom.js";

export function cameraButton(give) {
  const video = make("video", { autoplay: true, muted: true, playsinline: true, hidden: true });
  const open = make("button", { click: begin }, "Use the camera");
  const take = make("button", { class: "first", hidden: true, click: taken }, "Take the picture");
  video.addEventListener("loadeddata", () => (take.disabled = false));
  const problem = make("span", { class: "quiet small", role: "status" });
  let stream = null;

  async function begin() {
    if (stream) return end();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: true });
    } catch (error) {
      problem.textContent = error.name === "NotAllowedError" ? "The camera was not allowed." : "There is no camera that can be used.";
      return;
    }
    problem.textContent = "";
    shown(true);
    video.srcObject = stream;
  }
  function end() {
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    shown(false);
  }
  function shown(is) {
    video.hidden = take.hidden = !is;
    take.disabled = true; // until there is something to take
    open.textContent = is ? "Close the camera" : "Use the camera";
  }
  async function taken() {
    const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (blob) give({ files: [new File([blob], "camera.png", { type: "image/png" })] });
  }
  return make("div", {}, video, make("div", { class: "row" }, take, open, problem));
}
