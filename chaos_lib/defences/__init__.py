"""The defences: named gates that let a change through or say why not."""
