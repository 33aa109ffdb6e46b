/** Hands text over as a file to be saved. */
export function saveText(file_name: string, text: string, type = 'application/json'): void {
  saveFile(file_name, new Blob([text], { type }));
}

export function saveFile(file_name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = file_name;
  link.click();
  // The download has begun by then; the content need not stay in memory.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
