// A recording comes in: dropped on the page, or chosen in a dialogue.

/** Calls `hear` with each file while the button for files is enabled. */
export function onRecording(area, input, hear) {
  const over = (event, isOver) => {
    event.preventDefault();
    area.classList.toggle("over", isOver);
  };
  addEventListener("dragover", (event) => over(event, true));
  addEventListener("dragleave", (event) => over(event, false));
  addEventListener("drop", (event) => {
    over(event, false);
    const [file] = event.dataTransfer.files;
    if (file && !input.disabled) hear(file);
  });
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // the same file may be chosen again
    if (file) hear(file);
  });
}
