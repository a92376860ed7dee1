export default { render({ el }: { el: HTMLElement }): void { el.textContent = '' } };
