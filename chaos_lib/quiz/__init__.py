"""The quiz: questions on every phase, and a final drawn from a pool.

```
quiz/bank.yaml         what authors write, answers in it (beside notebooks/: never part of a release)
  source.py            its schema
  sealed.py            makes of it what is given away:
chaos_lib/quiz/bank.json   questions in plain text, answers as hashes, explanations sealed
  question.py bank.py  read it
  draw.py paper.py     which questions, in which order
  answer.py judge.py   read an answer, and judge it
  sitting.py           one person's answers, in the mission log
  review.py            which questions to take home
```
"""
